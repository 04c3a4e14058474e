"""A contract on one page, in Markdown and HTML."""

from __future__ import annotations

import re

from contract_world import contract, metric, read

from contracts.page import COLUMNS, LINES, Standing, html, markdown

STANDING = Standing(
    "provisional",
    ["coverage is 0.93, not above 0.95", "the sample of this version is not validated", "x" * 300],
    coverage="93.00%",
    last_value="34.1% in the week of 2026-09-21",
    validation="12 of 50 labels",
)


def one(**changed):
    (read_one,) = read(metric(written=contract(**changed))).contracts
    return read_one


def test_the_page_says_all_seven_lines_and_all_five_ds():
    page = markdown(one())
    for said in (
        "# High-effort onboarding share", "**question:** Do new customers", "**included:**", "**excluded:**",
        "**window:**", "**outputs:** high, medium, low", "**cadence:** week", "## Definition", "## Data",
        "## Decision use", "## Drift controls", "## Drill-down", "onboarding@example.com",
        "50 labels of customer_effort (high): κ at least 0.4", "**rollback:**", "**actions:**",
    ):  # fmt: skip
        assert said in page


def test_the_page_fits_sixty_lines_of_a_hundred_columns_with_its_standing():
    full = one(definition__included="Conversations of every kind. " * 34)
    lines = markdown(full, STANDING).splitlines()
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= COLUMNS
    assert "- **status:** provisional: coverage is 0.93, not above 0.95" in "\n".join(lines)


def test_the_longest_page_that_is_read_still_fits_with_its_standing():
    words = 1
    while not read(metric(written=contract(definition__included="conversation " * words))).problems:
        words += 5
    longest = one(definition__included="conversation " * (words - 5))
    assert LINES - 3 <= len(markdown(longest, STANDING).splitlines()) <= LINES


def test_a_d_nobody_wrote_says_so():
    assert "## Drill-down\n- **missing:** nobody has written it yet" in markdown(
        one(drill_down=None)
    )


def test_html_escapes_what_was_written_and_needs_nothing_beside_it():
    page = html(one(title="<script>alert('x')</script> & co", rollback='"><img src=x onerror=y>'))
    assert "&lt;script&gt;" in page
    known = {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "h1",
        "h2",
        "p",
        "dl",
        "dt",
        "dd",
    }
    assert {*re.findall(r"<(\w+)", page)} == known
    assert not re.search(r"url\(|@import", page)


def test_html_shows_the_standing():
    assert "<dd>34.1% in the week of 2026-09-21, coverage 93.00%</dd>" in html(
        one(), STANDING
    ).replace("last value ", "")

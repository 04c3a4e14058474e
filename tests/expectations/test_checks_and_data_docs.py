"""What readers get of the outcomes: rows of `marts.breaches`, and a site that loads nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import duckdb

from expectations.checks import write_checks
from expectations.runner import judge
from expectations.suites import coverage, structural

HARMS = (
    "update marts.fct_conversations set driver = null where conversation_id = 'zendesk:7'",
    "update marts.coverage_judged set loaded = 0, coverage = 0 where slice = 'VIP'",
    "update marts.coverage_judged set loaded = 30, coverage = 0.5, "
    "slice = '<script>alert(1)</script>' where slice = 'Billing'",
    "drop table marts.fct_messages",
)
SIGNALS = ["sentiment", "outcome"]
BOUNDS = {"zendesk": 0.95, "intercom": 0.9}


def judged(database, data_docs=None):
    owned = [replace(each, owner="data@example.com") for each in structural(SIGNALS)]
    return judge(database, [*owned, *coverage(BOUNDS)], data_docs)


def test_breaches_hold_each_failing_slice_and_each_clause_not_measured(build):
    database = build(*HARMS)
    outcomes = judged(database)
    with duckdb.connect(str(database)) as connection:
        write_checks(connection, outcomes)
        rows = connection.sql(
            "select suite, severity, period_start::varchar, slice, measured, bound, is_measured "
            "from marts.breaches"
        ).fetchall()

    assert rows == [
        ("conversation_key", "blocking", None, None, 1.0, None, True),
        ("message_key", "blocking", None, None, None, None, False),
        (
            "coverage_zendesk",
            "warning",
            "2026-01-05",
            "queue=<script>alert(1)</script>",
            0.5,
            0.95,
            True,
        ),
        ("coverage_zendesk", "warning", "2026-01-05", "queue=VIP", 0.0, 0.95, True),
        ("coverage_intercom", "warning", None, None, None, 0.9, False),
    ]


def test_breaches_have_the_published_columns_even_when_there_are_none(build):
    database = build()
    outcomes = judge(database, structural(SIGNALS))
    with duckdb.connect(str(database)) as connection:
        write_checks(connection, outcomes)
        assert connection.sql("from marts.breaches").fetchall() == []
        columns = connection.sql("describe marts.breaches").fetchall()

    assert [(name, kind) for name, kind, *_ in columns] == [
        ("suite", "VARCHAR"),
        ("metric", "VARCHAR"),
        ("version", "VARCHAR"),
        ("clause", "VARCHAR"),
        ("severity", "VARCHAR"),
        ("period_start", "DATE"),
        ("slice", "VARCHAR"),
        ("measured", "DOUBLE"),
        ("bound", "DOUBLE"),
        ("is_measured", "BOOLEAN"),
        ("detail", "VARCHAR"),
    ]


def test_checks_hold_what_passed_too_with_its_bound_and_remedy(build):
    database = build(*HARMS)
    outcomes = judged(database)
    with duckdb.connect(str(database)) as connection:
        # an earlier version wrote a table
        connection.execute("create table marts.breaches (suite varchar)")
        write_checks(connection, outcomes)
        counted = connection.sql(
            "select passed, count(*) from marts.checks group by all order by all"
        ).fetchall()
        (tags,) = connection.sql(
            "select passed, is_measured, remedy != '' from marts.checks where suite = 'tag_key'"
        ).fetchall()
        nobody = connection.sql("select count(*) from marts.checks where detail is null").fetchall()

    assert counted == [(False, 3), (True, 5), (None, 2)]
    assert tags == (True, True, True)
    assert nobody == [(0,)]


def test_breaches_are_those_of_the_last_judging_and_roll_back_with_the_caller(build):
    database = build(*HARMS)
    outcomes = judged(database)
    with duckdb.connect(str(database)) as connection:
        for _ in range(2):
            write_checks(connection, outcomes)
        connection.begin()
        write_checks(connection, [])
        connection.rollback()
        (left,) = connection.sql("select count(*) from marts.breaches").fetchall()[0]

    assert left == 5


def test_the_site_lists_every_suite_and_loads_nothing(build, tmp_path):
    """
    Great Expectations' own pages fetch six hosts and show an empty index without them.
    """
    docs = tmp_path / "docs"
    outcomes = judged(build(*HARMS), docs)
    pages = {page.name: page.read_text() for page in docs.rglob("*.html")}
    index = pages.pop("index.html")

    assert {f"{outcome.suite}.html" for outcome in outcomes} == set(pages)
    assert set(re.findall(r'href="suites/([^"]+)"', index)) == set(pages)
    for page in (index, *pages.values()):
        assert not re.search(r"<script|<link|src=|https?://", page)
    assert "zendesk:7" in pages["conversation_key.html"]
    assert "data@example.com" in pages["conversation_key.html"]
    assert "<script>" not in pages["coverage_zendesk.html"]
    assert "&lt;script&gt;" in pages["coverage_zendesk.html"]


def test_the_site_says_not_measured_where_great_expectations_says_failed(build, tmp_path):
    judged(build(*HARMS), tmp_path / "docs")

    for suite in ("message_key", "coverage_intercom"):
        page = (tmp_path / "docs" / "suites" / f"{suite}.html").read_text()
        body = page[page.index("</style>") :]
        assert "not measured" in body
        assert "failed" not in body
        assert "Traceback" not in body


def test_the_site_holds_no_ticket_text(build, tmp_path):
    """
    Subjects and bodies are masked when published; a site beside the file must not leak them.
    """
    judged(build("update marts.fct_conversations set driver = null"), tmp_path / "docs")

    for page in (tmp_path / "docs").rglob("*.html"):
        assert "4111" not in page.read_text()


def test_a_suite_that_is_gone_leaves_no_page_behind(build, tmp_path):
    database = build()
    judge(database, structural(SIGNALS), tmp_path / "docs")
    judge(database, structural(SIGNALS)[:1], tmp_path / "docs")

    assert [page.name for page in (tmp_path / "docs" / "suites").iterdir()] == [
        "export_identity.html"
    ]

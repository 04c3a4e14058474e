"""Pages: what each kind says of its listing, and what of it is stored."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from export_world import World

SITE = "https://x.zendesk.com/api/v2"
AT = "2026-01-01T00:00:00Z"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "assay") as made:
        yield made


def page(*numbers: int, key: str = "tickets", **said: Any) -> str:
    records = [{"id": number, "created_at": AT} for number in numbers]
    return json.dumps({key: records, **said})


def offset(number: int | None) -> str | None:
    return f"{SITE}/tickets.json?page={number}&per_page=2" if number else None


SAID = "select listing, page_no, stated, is_stated_of_page, is_last, records from raw.pages order by page"

KINDS = {
    "a page that stands alone": (
        page(1, 2, count=2, next_page=None, previous_page=None),
        (None, 1, 2, False, True, 2),
        2,
    ),
    "the first of several": (
        page(1, 2, count=7, next_page=offset(2), previous_page=None),
        ("/api/v2/tickets.json?per_page=2", 1, 7, False, False, 2),
        7,
    ),
    "the last of several": (
        page(7, count=7, next_page=None, previous_page=offset(3)),
        ("/api/v2/tickets.json?per_page=2", 4, 7, False, True, 1),
        7,
    ),
    "incremental by time": (
        page(1, count=1, end_of_stream=False, next_page=f"{SITE}/incremental/tickets.json?start_time=1"),
        ("/api/v2/incremental/tickets.json", None, 1, True, False, 1),
        1,
    ),
    "incremental by time, without a word on the end": (
        page(1, count=1, next_page=f"{SITE}/incremental/tickets.json?start_time=1"),
        ("/api/v2/incremental/tickets.json", None, 1, True, None, 1),
        1,
    ),
    "incremental by cursor": (
        page(1, after_url=f"{SITE}/incremental/tickets/cursor.json?cursor=a", end_of_stream=True),
        ("/api/v2/incremental/tickets/cursor.json", None, None, True, True, 1),
        None,
    ),
    "by cursor": (
        page(1, meta={"has_more": True}, links={"next": f"{SITE}/tickets.json?page%5Bafter%5D=a"}),
        ("/api/v2/tickets.json", None, None, False, False, 1),
        None,
    ),
    "by cursor without links": (page(1, meta={"has_more": True}), ("", None, None, False, False, 1), None),
    "a list that says nothing": (page(1), (None, None, None, False, None, 1), None),
    "a count that is none": (page(1, count="many"), (None, None, None, False, None, 1), None),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_page_says_of_its_listing_is_stored(world: World, kind: str) -> None:
    text, said, stated = KINDS[kind]
    world.load_one("zendesk/tickets.json", text)
    assert world.rows(SAID) == [said]
    assert world.rows("select stated_count from raw.exports") == [(stated,)]


def test_intercom_numbers_its_pages_in_the_body(world: World) -> None:
    said = {"type": "pages", "page": 2, "total_pages": 3, "next": {"page": 3}}
    text = json.dumps(
        {"conversations": [{"id": "1", "created_at": 1767225600}], "total_count": 5, "pages": said}
    )
    world.load_one("intercom/conversations-2.json", text)
    assert world.rows(SAID) == [("", 2, 5, False, False, 1)]


def test_pages_in_one_file_state_the_count_of_the_last(world: World) -> None:
    """
    A listing that grows while it is read ends with the newest count.
    """
    pages = [
        page(1, 2, count=3, next_page=offset(2), previous_page=None),
        page(3, 4, count=4, next_page=None, previous_page=offset(1)),
    ]
    world.load_one("zendesk/tickets.json", "\n".join(pages))
    assert world.rows("select page_no, records from raw.pages order by page") == [(1, 2), (2, 2)]
    assert world.rows("select stated_count from raw.exports") == [(4,)]


def test_lists_beside_a_pages_own_are_not_counted_against_its_count(world: World) -> None:
    pages = page(1, 2, count=9, next_page=offset(2), users=[{"id": 5}])
    world.load_one("zendesk/tickets.json", pages)
    assert world.rows("select table_name, stated_count from raw.exports order by table_name") == [
        ("tickets", 9),
        ("users", None),
    ]


def test_a_page_duckdb_cannot_read_says_the_same(world: World) -> None:
    """
    A lone surrogate costs its record only, not what the page says.
    """
    text = page(1, 2, count=7, next_page=offset(2), previous_page=None)
    text = text.replace('"id": 2,', '"id": 2, "subject": "\\ud800",')
    assert world.load_one("zendesk/tickets.json", text).quarantined == 1
    assert world.rows(SAID) == [("/api/v2/tickets.json?per_page=2", 1, 7, False, False, 2)]


def test_an_empty_last_page_ends_its_listing_and_an_empty_page_alone_is_no_export(
    world: World,
) -> None:
    end = page(after_url=f"{SITE}/incremental/tickets/cursor.json?cursor=b", end_of_stream=True)
    assert world.load_one("zendesk/tickets-9.json", end).status == "loaded"
    alone = page(count=0, next_page=None, previous_page=None)
    assert world.load_one("zendesk/tickets-1.json", alone).status == "refused"


def test_a_witness_the_declaration_leaves_out_is_not_heard(world: World) -> None:
    world.declared = [one.model_copy(update={"expected": ()}) for one in world.declared]
    world.load_one("zendesk/tickets.json", page(1, count=7, next_page=offset(2)))
    assert world.rows(SAID) == []
    report = world.load_one(
        "zendesk/expected.csv", "day,slice_kind,slice,expected\n2026-01-01,,,5\n"
    )
    assert "expected: [manifest]" in str(report.reason)

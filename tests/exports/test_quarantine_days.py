"""On which day a refused conversation was opened, as far as its text still tells."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from export_world import World

AT = "2026-05-04T10:00:00Z"
LEGIBLE = "2026-05-04 10:00:00+00"
LONG = "x" * 5_000


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "assay") as made:
        yield made


def refused_at(world: World) -> list[str | None]:
    rows = world.rows("select opened_at::varchar from raw.quarantine order by position")
    return [opened for (opened,) in rows]


@pytest.mark.parametrize(
    ("record", "opened"),
    [
        (json.dumps({"id": "x", "description": LONG, "created_at": AT}), LEGIBLE),
        (json.dumps({"id": "x", "comments": [{"created_at": "2020-01-01"}], "created_at": AT}), LEGIBLE),
        (json.dumps({"id": "x", "created_at": AT})[:-4], LEGIBLE),
        (json.dumps({"id": "x", "created_at": "0001-01-01T00:00:00Z"}), None),
        (json.dumps({"id": "x", "created_at": "yesterday"}), None),
        (json.dumps({"id": "x"}), None),
        ("[1]", None),
    ],
)  # fmt: skip
def test_a_refused_ticket_keeps_the_day_it_names(
    world: World, record: str, opened: str | None
) -> None:
    assert world.load_one("zendesk/tickets.ndjson", wrapped(record)).quarantined == 1
    assert refused_at(world) == [opened]


def wrapped(record: str) -> str:
    return f'{{"ticket": {{"id": 1, "created_at": "{AT}"}}}}\n{{"ticket": {record}}}\n'


def test_a_refused_intercom_conversation_was_opened_at_its_epoch(world: World) -> None:
    records = [
        {"id": "5.7E+17", "created_at": 1777888800},
        {"id": "5.8E+17", "created_at": 17778888000000},
        {"id": "1", "created_at": 1777888800},
    ]
    world.load_one(
        "intercom/conversations.ndjson", "".join(json.dumps(one) + "\n" for one in records)
    )
    assert refused_at(world) == [LEGIBLE, None]


def test_a_refused_line_of_a_csv_is_read_in_the_declared_zone_and_form(world: World) -> None:
    world.load_one(
        "freshdesk/tickets.csv",
        "Ticket ID,Created time,Subject\n"
        ",2026-05-04 10:00:00,no id\n"
        "5.7E+17,2026-05-04 10:00,shortened\n"
        "3,05/04/2026,in another form\n"
        "4,2026-05-04 10:00,one,column,more\n"
        "5,2026-05-04 10:00,kept\n",
    )
    assert refused_at(world) == [LEGIBLE, LEGIBLE, None, LEGIBLE]


def test_what_is_no_conversation_has_no_day(world: World) -> None:
    record = json.dumps({"audit": {"id": 5, "created_at": AT}})
    assert world.load_one("zendesk/audits.ndjson", record + "\n").quarantined == 1
    assert refused_at(world) == [None]


def test_a_work_database_of_before_gets_the_column(world: World) -> None:
    world.work.execute("create schema raw")
    world.work.execute(
        "create table raw.quarantine (export_seq bigint, export_id varchar, position bigint, "
        "reason varchar, text varchar)"
    )
    world.load_one("zendesk/tickets.ndjson", wrapped(f'{{"created_at": "{AT}"}}'))
    assert refused_at(world) == [LEGIBLE]

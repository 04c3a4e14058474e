"""Two exports of one day tell how many conversations neither holds; parts of one export do not."""

from __future__ import annotations

import duckdb
import pytest
from coverage_world import WEEKS, conversations, empty, load, witnessed


@pytest.fixture
def twice() -> duckdb.DuckDBPyConnection:
    """Two exports, each of which lost a fifth by chance, and the other something else."""
    database = empty()
    load(database, conversations("desk", 7, 120, 1.0))
    database.execute(
        "insert into loads_exports values ('desk', 1, 'tickets', 'loaded'), ('desk', 2, 'tickets', 'loaded')"
    )
    database.execute(
        "insert into zendesk_tickets select source, source_id, 1 from conversations"
        " where hash(source_id, 1) % 5 > 0"
    )
    # what the second holds to the letter was not kept twice
    database.execute(
        "insert into loads_duplicates select 2, source_id from conversations where hash(source_id, 2) % 5 > 0"
    )
    return database


def test_two_exports_of_a_day_tell_how_many_neither_holds(twice):
    ((there,),) = twice.execute("select count(*) from conversations").fetchall()
    twice.execute(
        "delete from conversations where source_id not in"
        " (select id from zendesk_tickets union select id from loads_duplicates)"
    )
    told = witnessed(twice, "two exports")
    assert len(told) == WEEKS * 7
    assert sum(row[3] for row in told) == pytest.approx(there, rel=0.005)
    assert sum(row[4] for row in told) < 0.97 * there


def test_two_parts_of_one_export_are_not_two_exports_of_a_day(twice):
    twice.execute("update zendesk_tickets set export_seq = 1 + hash(id, 4) % 2")
    twice.execute("delete from loads_duplicates")
    assert witnessed(twice, "two exports") == []


def test_an_increment_of_what_was_touched_again_finds_nothing_missing(twice):
    twice.execute("delete from loads_duplicates where hash(id, 3) % 100 > 4")
    assert witnessed(twice, "two exports") == []

"""What should be there by history, ids and a second export is found where it is lost, and there only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from coverage_world import (
    ABOVE,
    SLICES,
    WEEKS,
    build,
    conversations,
    empty,
    failing,
    load,
    losses,
    state,
    told,
    without,
)

from expectations.outcome import Outcome
from expectations.runner import judge
from expectations.suites import witnesses

SOURCES = 25
DAY = "2026-03-03"
"""A Tuesday with half a year before it."""


@pytest.fixture(scope="module")
def year() -> pd.DataFrame:
    """Of one help desk that loses nothing."""
    return conversations("desk", 7, 120, 1.0)


@pytest.fixture
def database(tmp_path: Path, year: pd.DataFrame) -> duckdb.DuckDBPyConnection:
    connection = empty(tmp_path / "candidate.duckdb")
    load(connection, year)
    return connection


def judged(connection: duckdb.DuckDBPyConnection) -> Sequence[Outcome]:
    """What the suite comes to once the models are worked out and nobody writes."""
    build(connection)
    ((path,),) = connection.execute(
        "select path from duckdb_databases() where path is not null"
    ).fetchall()
    connection.close()
    return judge(Path(path), witnesses({"desk": ABOVE}))


def details(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [outcome.detail for outcome in judged(connection) if outcome.passed is False]


def of(
    connection: duckdb.DuckDBPyConnection, witness: str, where: str = "true", **until: str
) -> list[tuple]:
    build(connection, **until)
    return connection.execute(
        "select period_kind, period_start::varchar, slice, round(expected)::bigint, loaded, coverage_high"
        f" from marts.coverage_witnesses where witness = '{witness}' and {where} order by all"
    ).fetchall()


def test_of_five_hundred_losses_nearly_all_are_found_and_clean_weeks_are_left_alone():
    """
    Each is at least 1 % of its week: a queue, channel or language of a day or week, a day, or a range of ids.
    """
    clean = [conversations(f"s{seed}", seed, 100, 1.0) for seed in range(SOURCES)]
    lost = [losses(rows, seed, every=2) for seed, rows in enumerate(clean)]
    every = [each for found in lost for each in found]
    left = pd.concat(map(without, clean, lost))
    connection = empty()
    load(connection, pd.concat(clean))
    state(connection)
    build(connection)
    alarms = failing(connection)
    load(connection, left)
    shares = []
    for kinds in (("", *SLICES), ("",), ()):
        connection.execute(
            "delete from stated_conversations where not list_contains(?, slice_kind)", [kinds]
        )
        build(connection)
        found = failing(connection)
        shares.append(sum(told(each, found) for each in every) / len(every))
    assert len(every) >= 500
    with_slices, with_totals, with_nothing_stated = shares
    assert with_slices >= 0.99
    assert with_totals >= 0.99
    # a small slice's week may be less than the bound allows of everything, and few enough to stay away by chance
    assert with_nothing_stated >= 0.95
    # no more than one in a hundred of five hundred weeks of a slice; they are twenty thousand
    assert len(alarms) <= 5


def test_a_queue_missing_for_a_day_is_named_with_what_its_history_expects(database):
    database.execute(f"delete from conversations where queue = 'Billing' and opened_on = '{DAY}'")
    day, week, queue = details(database)
    assert day.startswith(f"desk, all conversations, {DAY}: 97 loaded; history expects ")
    assert "ids expect 152 to 158" in day
    assert week.startswith("desk, all conversations, week of 2026-03-02: ")
    assert queue.startswith(f"desk, queue Billing, {DAY}: missing, none loaded; history expects ")


def test_a_segment_missing_for_a_day_is_named_with_what_its_history_expects(database):
    database.execute(
        f"delete from conversations where segment = 'enterprise' and opened_on = '{DAY}'"
    )
    (segment,) = [each for each in details(database) if "segment" in each]
    assert segment.startswith(
        f"desk, segment enterprise, {DAY}: missing, none loaded; history expects "
    )


def test_segments_are_stated_as_queues_are_and_of_unknown_accounts_they_are_unknown(database):
    state(database, ("segment",))
    database.execute(f"delete from conversations where segment = 'unknown' and opened_on = '{DAY}'")
    build(database)
    assert database.execute(
        "select slice, loaded, coverage from marts.coverage where slice_kind = 'segment' and coverage < 1"
    ).fetchall() == [("unknown", 0, 0.0)]


def test_a_day_that_is_gone_is_missing_by_its_neighbours_ids(database):
    ((gone,),) = database.execute(
        f"select count(*) from conversations where opened_on = '{DAY}'"
    ).fetchall()
    database.execute(f"delete from conversations where opened_on = '{DAY}'")
    ((kind, day, _, expected, loaded, share),) = of(
        database, "ids", f"period_start = '{DAY}' and period_kind = 'day'"
    )
    assert (kind, day, loaded, share) == ("day", DAY, 0, 0)
    assert expected == gone
    assert all(row[5] > ABOVE for row in of(database, "ids", f"period_start = date '{DAY}' + 1"))


def test_a_range_of_ids_that_never_arrived_is_a_slice_of_its_own(database):
    ((first, last),) = database.execute(
        "select min(source_id::bigint) + 20, min(source_id::bigint) + 34 from conversations"
        f" where opened_on = '{DAY}'"
    ).fetchall()
    database.execute(
        f"delete from conversations where source_id::bigint between {first} and {last}"
    )
    found = details(database)
    assert (
        f"desk, id range {first} to {last}, {DAY}: missing, none loaded; ids expect 12 to 15."
        in found
    )


def test_ids_that_are_no_numbering_tell_nothing(database):
    database.execute("update conversations set source_id = hash(source_id) % 10000000")
    assert of(database, "ids") == []
    database.execute("update conversations set source_id = 'INC' || source_id")
    assert of(database, "ids") == []


def test_a_holiday_and_the_days_beside_it_are_no_usual_days(database):
    around = (
        "period_start between '2025-12-23' and '2025-12-27' and slice = '' and period_kind = 'day'"
    )
    assert [row[1] for row in of(database, "history", around)] == ["2025-12-23", "2025-12-27"]


def test_a_day_that_is_still_arriving_is_not_missing(database):
    last = "opened_on = (select max(opened_on) from conversations)"
    database.execute(f"delete from conversations where {last} and source_id::bigint % 40 > 0")
    assert of(database, "history", "period_start = '2026-08-30'")[0][5] < ABOVE
    assert (
        of(
            database,
            "history",
            "period_start = '2026-08-30'",
            until="max(opened_on) + interval 3 hours",
        )
        == []
    )


def test_a_slice_with_a_short_past_or_few_conversations_is_not_told_of(database):
    database.execute(
        "update conversations set queue = 'New' where queue = 'Billing' and opened_on >= '2026-05-04'"
    )
    new = of(database, "history", "slice = 'New' and period_kind = 'day'")
    assert min(row[1] for row in new) == "2026-06-01"
    days = of(database, "history", "period_kind = 'day'")
    assert {"Billing", "Orders", "en", "email", ""} <= {row[2] for row in days}
    # of fifteen, none come once in three million days
    assert min(row[3] for row in days) >= 15


def test_witnesses_that_contradict_each_other_are_told_so_and_not_averaged(database):
    state(database, ("",))
    database.execute(f"update stated_conversations set expected = 3 * expected where day = '{DAY}'")
    (found,) = details(database)
    assert found.startswith(f"desk, all conversations, {DAY}: witnesses contradict each other, ")
    assert "expected.csv states" in found
    assert "history expects" in found
    assert "ids expect" in found


def test_a_count_of_zero_is_contradicted_by_a_slice_that_always_was_there(database):
    state(database, ("queue",))
    harm = f"queue = 'Billing' and opened_on = '{DAY}'"
    database.execute(f"delete from conversations where {harm}")
    database.execute(
        f"update stated_conversations set expected = 0 where slice = 'Billing' and day = '{DAY}'"
    )
    (found,) = [each for each in details(database) if "queue Billing" in each]
    assert (
        "witnesses contradict each other, 0 loaded; expected.csv states 0, history expects" in found
    )


def test_one_conversation_of_long_ago_is_no_beginning(database):
    database.execute(
        "insert into conversations select source, '999', '1970-01-01', queue, channel, language, segment"
        " from conversations limit 1"
    )
    assert min(row[1] for row in of(database, "history")) == "2025-09-29"
    assert failing(database).empty


def test_a_surge_that_is_loaded_contradicts_nobody(database, year):
    surge = year[year["opened_on"] == DAY]
    more = [surge.assign(id=surge["id"] + number * 10_000_000) for number in range(1, 6)]
    load(database, pd.concat([year, *more]))
    database.execute("update conversations set source_id = 'a' || source_id")
    state(database)
    (outcome,) = judged(database)
    assert outcome.passed, outcome.detail


def test_where_no_witness_tells_anything_it_is_not_measured(database):
    database.execute("delete from conversations where opened_on > '2025-09-20'")
    database.execute("update conversations set source_id = 'a' || source_id")
    state(database)
    (outcome,) = judged(database)
    assert (outcome.is_measured, outcome.passed) == (False, None)
    assert "Nothing but stated counts tells" in outcome.detail


def test_witnesses_that_are_all_null_are_not_measured_and_have_not_passed(tmp_path):
    database = tmp_path / "candidate.duckdb"
    with empty(database) as connection:
        build(connection)
        connection.execute(
            "insert into marts.coverage_witnesses select 'desk', 'day', current_date, '', '', 'ids',"
            " null, null, null, 5, null, null"
        )
    (outcome,) = judge(database, witnesses({"desk": ABOVE}))
    assert (outcome.is_measured, outcome.passed) == (False, None)


@pytest.fixture
def twice(database) -> duckdb.DuckDBPyConnection:
    """Two exports, each of which lost a fifth by chance, and the other something else."""
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
    told = of(twice, "two exports")
    assert len(told) == WEEKS * 7
    assert sum(row[3] for row in told) == pytest.approx(there, rel=0.005)
    assert sum(row[4] for row in told) < 0.97 * there


def test_two_parts_of_one_export_are_not_two_exports_of_a_day(twice):
    twice.execute("update zendesk_tickets set export_seq = 1 + hash(id, 4) % 2")
    twice.execute("delete from loads_duplicates")
    assert of(twice, "two exports") == []


def test_an_increment_of_what_was_touched_again_finds_nothing_missing(twice):
    twice.execute("delete from loads_duplicates where hash(id, 3) % 100 > 4")
    assert of(twice, "two exports") == []

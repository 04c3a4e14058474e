"""Stated counts that contradict each other: a file with itself, two files, a file and a declaration."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from coverage_world import ABOVE, build, conversations, empty, load, state

from expectations.runner import judge
from expectations.suites import contradictions, witnesses

DAY = "2026-03-03"
OTHER = "2026-03-04"


@pytest.fixture
def database(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    connection = empty(tmp_path / "candidate.duckdb")
    load(connection, conversations("desk", 7, 120, 1.0))
    state(connection)
    return connection


def say(
    connection: duckdb.DuckDBPyConnection,
    file: str,
    kind: str,
    slice_: str,
    expected: int,
    day: str = DAY,
) -> None:
    """One more statement, after those there are; a file's, or that of the control totals."""
    witness = "manifest" if file.endswith(".csv") else "declared"
    is_same = "source = 'desk' and day = ? and slice_kind = ? and slice = ?"
    if witness == "manifest":
        connection.execute(
            f"update stated_conversations set recency = recency + 1, recency_of_witness = recency_of_witness + 1"
            f" where {is_same}",
            [day, kind, slice_],
        )
    connection.execute(
        "insert into stated_conversations by name select 'desk' as source, ?::date as day, ? as slice_kind,"
        " ? as slice, slice as stated_slice, ? as witness, ? as stated_by, ? as recency, 1 as recency_of_witness,"
        " ? as expected",
        [day, kind, slice_, witness, file, 1 if witness == "manifest" else 2, expected],
    )


def details(connection: duckdb.DuckDBPyConnection) -> list[str]:
    build(connection)
    ((path,),) = connection.execute(
        "select path from duckdb_databases() where path is not null"
    ).fetchall()
    connection.close()
    suites = [*contradictions(["desk"]), *witnesses({"desk": ABOVE})]
    return [each.detail for each in judge(Path(path), suites) if each.passed is False]


def held(connection: duckdb.DuckDBPyConnection, kind: str, slice_: str) -> int:
    ((expected,),) = connection.execute(
        "select expected from expected_conversations where day = ? and slice_kind = ? and slice = ?",
        [DAY, kind, slice_],
    ).fetchall()
    return expected


def test_counts_that_agree_contradict_nothing(database):
    say(database, "desk/later/expected.csv", "", "", held(database, "", ""))
    say(database, "control_totals in YAML", "", "", held(database, "", ""))
    assert details(database) == []


def test_a_slice_above_its_day_and_slices_that_sum_to_more_contradict_their_own_file(database):
    database.execute(
        "update stated_conversations set expected = 2000 where slice = 'Billing' and day = ?", [DAY]
    )
    database.execute(
        "update stated_conversations set expected = expected + 9 where slice = 'en' and day = ?",
        [OTHER],
    )
    ((of_day, of_other),) = database.execute(
        "select sum(expected) filter (day = ?)::int, sum(expected) filter (day = ?)::int"
        " from stated_conversations where slice_kind = ''",
        [DAY, OTHER],
    ).fetchall()
    found = [each for each in details(database) if "itself" in each]
    assert found == [
        f"desk, queue Billing, {DAY}: desk/expected.csv contradicts itself. It states 2,000 of queue Billing,"
        f" and {of_day} of all conversations.",
        f"desk, by language, {OTHER}: desk/expected.csv contradicts itself. It states {of_other + 9} by language,"
        f" and {of_other} of all conversations.",
    ]


@pytest.mark.parametrize("more", [40, -40])
def test_a_later_file_that_states_another_count_holds_and_both_are_named_until_one_more_agrees(
    database, more
):
    before = held(database, "", "")
    say(database, "desk/later/expected.csv", "", "", before + more)
    assert held(database, "", "") == before + more
    (found,) = [each for each in details(database) if "states" in each and "later" in each]
    assert found == (
        f"desk, all conversations, {DAY}: desk/later/expected.csv states {before + more}, where"
        f" desk/expected.csv stated {before} before. The later one holds."
    )


@pytest.mark.parametrize("last", [0, 1], ids=["the first was right", "the second was"])
def test_a_count_that_another_file_repeats_is_settled(database, last):
    before = held(database, "", "")
    for number, more in enumerate((1, last)):
        say(database, f"desk/later-{number}/expected.csv", "", "", before + more)
    assert held(database, "", "") == before + last
    assert [each for each in details(database) if "before" in each] == []


@pytest.mark.parametrize(("more", "is_told"), [(2, False), (60, True), (-60, True)])
def test_a_file_and_control_totals_are_two_witnesses_told_where_they_are_apart_by_more_than_the_bound(
    database, more, is_told
):
    stated = held(database, "", "")
    say(database, "control_totals in YAML", "", "", stated + more)
    assert held(database, "", "") == stated
    found = [each for each in details(database) if "contradict" in each]
    assert bool(found) == is_told
    if is_told:
        assert (
            f"all conversations, {DAY}: witnesses contradict each other, {stated} loaded; "
            in found[0]
        )
        assert f"expected.csv states {stated}, control totals declare {stated + more}" in found[0]


def test_a_declared_day_of_a_slice_judged_by_the_week_is_compared_on_that_day_alone(database):
    """The file speaks of seven days, the declaration of one: on the others they do not contradict each other."""
    stated = held(database, "queue", "Board")
    say(database, "control_totals in YAML", "queue", "Board", stated)
    build(database)
    assert database.execute(
        "select witness, period_kind, expected from marts.coverage_witnesses where slice = 'Board'"
        " and period_start = '2026-03-02' and witness in ('manifest', 'declared') order by all"
    ).fetchall() == [
        (witness, "week", database.execute(
            "select sum(expected)::double from expected_conversations where slice = 'Board'"
            " and day between '2026-03-02' and '2026-03-08'"
        ).fetchall()[0][0])
        for witness in ("declared", "manifest")
    ]  # fmt: skip

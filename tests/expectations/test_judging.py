"""Each suite passes on a good build, and fails on exactly what is broken."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expectations.runner import UnreadableDatabase, judge
from expectations.suite import Suite
from expectations.suites import coverage, structural

ROOT = Path(__file__).parents[2]
STRUCTURAL = {suite.name: suite for suite in structural(owner="data@example.com")}
BOUND = {"zendesk": 0.95}


def only(database, suite: str):
    (outcome,) = judge(database, [STRUCTURAL[suite]])
    return outcome


def covered(database, bounds=BOUND):
    return judge(database, coverage(bounds))


def test_every_suite_passes_on_a_good_build(build):
    outcomes = judge(build(), [*STRUCTURAL.values(), *coverage(BOUND)])

    assert [outcome.suite for outcome in outcomes] == [*STRUCTURAL, "coverage_zendesk"]
    assert all(outcome.passed and outcome.is_measured for outcome in outcomes)
    assert not any(outcome.blocks for outcome in outcomes)
    assert outcomes[0].owner == "data@example.com"


@pytest.mark.parametrize(
    ("suite", "harm", "key", "says"),
    [
        (
            "export_identity",
            "update marts.exports set kept = 7 where export_id = 'january.json'",
            {"export_id": "january.json", "unaccounted": 1},
            "no record of an export is unaccounted for",
        ),
        (
            "export_identity",
            "update marts.exports set kept = 5 where export_id = 'february.json'",
            {"export_id": "february.json", "unaccounted": -1},
            "no record of an export is unaccounted for",
        ),
        (
            "export_identity",
            "update marts.exports set quarantined = null where export_id = 'january.json'",
            {"export_id": "january.json", "unaccounted": None},
            "all four counts",
        ),
        (
            "export_identity",
            "insert into marts.exports values ('january.json', 'loaded', 1, 1, 0, 0)",
            {"export_id": "january.json"},
            "listed once",
        ),
        (
            "conversation_key",
            "insert into marts.fct_conversations "
            "select * from marts.fct_conversations where conversation_id = 'zendesk:8'",
            {"conversation_id": "zendesk:8"},
            "a conversation is one row",
        ),
        (
            "conversation_key",
            "update marts.fct_conversations set driver = null where conversation_id = 'zendesk:7'",
            {"conversation_id": "zendesk:7"},
            "has a driver",
        ),
        (
            "conversation_key",
            "update marts.fct_conversations set exclusion_reason = 'spam' "
            "where conversation_id = 'zendesk:7'",
            {"conversation_id": "zendesk:7"},
            "exclusion reason",
        ),
        (
            "conversation_key",
            "update marts.fct_conversations set exclusion_reason = null "
            "where conversation_id = 'zendesk:8'",
            {"conversation_id": "zendesk:8"},
            "exclusion reason",
        ),
        (
            "conversation_key",
            "update marts.fct_conversations set is_in_scope = null "
            "where conversation_id = 'zendesk:8'",
            {"conversation_id": "zendesk:8"},
            "in scope or out of it",
        ),
        (
            "conversation_key",
            "update marts.fct_conversations set conversation_id = null "
            "where conversation_id = 'zendesk:7'",
            {"conversation_id": None},
            "has an id",
        ),
        (
            "message_key",
            "insert into marts.fct_messages values ('zendesk:3', 2)",
            {"conversation_id": "zendesk:3", "message_no": 2},
            "name one row",
        ),
        (
            "message_key",
            "insert into marts.fct_messages values ('zendesk:3', null)",
            {"conversation_id": "zendesk:3", "message_no": None},
            "every row has a message_no",
        ),
        (
            "tag_key",
            "insert into marts.fct_conversation_tags values ('zendesk:3', 'tag 1')",
            {"conversation_id": "zendesk:3", "raw_tag": "tag 1"},
            "name one row",
        ),
        (
            "driver_shares",
            "update marts.rollup_drivers set share = 0.3 "
            "where cadence = 'week' and driver = 'driver 1'",
            {"cadence": "week", "queue": "Billing"},
            "sum to one",
        ),
        (
            "driver_shares",
            "update marts.rollup_drivers set share = null where cadence = 'week'",
            {"cadence": "week", "queue": "Billing"},
            "has shares",
        ),
        (
            "driver_totals",
            "update marts.rollup_drivers set conversations = 4 "
            "where cadence = 'day' and driver = 'driver 1'",
            {"in_scope": 9, "rolled_up": 10},
            "are the conversations in scope",
        ),
        (
            "driver_totals",
            "delete from marts.rollup_drivers where cadence = 'day'",
            {"in_scope": 9, "rolled_up": None},
            "rolled up by day",
        ),
    ],
)
def test_a_broken_row_fails_its_suite_alone_and_is_named(build, suite, harm, key, says):
    """
    A suite that fails on everything would block every build; one that names nothing helps nobody.
    """
    outcomes = judge(build(harm), list(STRUCTURAL.values()))

    failed = [outcome for outcome in outcomes if not outcome.passed]
    assert {outcome.suite for outcome in failed} == {suite}
    (about_it,) = [outcome for outcome in failed if says in outcome.detail]
    assert key.items() <= about_it.examples[0].items()
    assert about_it.blocks
    assert about_it.is_measured
    assert about_it.remedy


def test_a_refused_export_is_not_part_of_the_identity(build):
    """
    A file that is not an export has no records; its counts are empty.
    """
    assert only(build(), "export_identity").passed


def test_shares_may_miss_one_by_rounding_but_not_by_a_conversation(build):
    rounding = build("update marts.rollup_drivers set share = share + 3e-10 where cadence = 'week'")
    assert only(rounding, "driver_shares").passed
    with duckdb.connect(str(rounding)) as connection:
        connection.execute("update marts.rollup_drivers set share = share + 1e-9")
    assert only(rounding, "driver_shares").passed is False


def test_coverage_at_its_bound_fails_and_just_above_it_passes(build):
    """
    The promise is more than 95 %, and 95 % is not more.
    """
    at = "update marts.coverage_judged set loaded = 57, coverage = 57 / 60 where slice = 'Billing'"
    database = build(at)
    (outcome,) = covered(database)

    assert outcome.passed is False
    assert outcome.measured == 0.95
    assert outcome.limit == 0.95
    assert outcome.slice == "queue=Billing"
    assert outcome.period_start is not None
    assert outcome.period_start.isoformat() == "2026-01-05"
    assert "57 of 60 expected" in outcome.detail
    assert not outcome.blocks
    (outcome,) = covered(database, {"zendesk": 0.9499})
    assert outcome.passed


def test_a_missing_slice_is_named_although_the_total_is_fine(build):
    gone = "update marts.coverage_judged set loaded = 0, coverage = 0 where slice = 'VIP'"
    (outcome,) = covered(build(gone))

    assert outcome.slice == "queue=VIP"
    assert outcome.detail == (
        "zendesk, queue VIP, week of 2026-01-05: missing, 0 of 25 expected conversations loaded."
    )


def test_more_than_expected_is_a_breach_too(build):
    more = "update marts.coverage_judged set loaded = 45, coverage = 45 / 40 where slice = 'Orders'"
    (outcome,) = covered(build(more))

    assert outcome.passed is False
    assert "more than expected" in outcome.detail


def test_a_source_without_expected_counts_is_not_measured_and_has_not_passed(build):
    (never_stated,) = covered(build(), {"intercom": 0.95})
    assert (never_stated.is_measured, never_stated.passed) == (False, None)
    assert "intercom" in never_stated.detail
    assert not never_stated.blocks


def test_a_source_whose_coverage_is_all_null_is_not_measured(build):
    """
    A bound passes on all nulls, so silence is ruled out first.
    """
    (outcome,) = covered(build("update marts.coverage_judged set coverage = null, expected = null"))

    assert (outcome.is_measured, outcome.passed) == (False, None)


def test_passed_coverage_tells_the_lowest_slice_and_what_was_not_measured(build):
    (outcome,) = covered(build())

    assert outcome.measured == 0.96
    assert "not measured: 1 of them" in outcome.detail


def test_every_source_is_judged_on_its_own_slices_whatever_its_name(build):
    odd = "it's 5% :late"
    database = build(
        "insert into marts.coverage_judged values "
        "('it''s 5% :late', '2026-01-05', 'day', null, null, 10, 1, 0.1)"
    )
    zendesk, other = covered(database, {"zendesk": 0.95, odd: 0.05})

    assert (zendesk.passed, other.passed) == (True, True)
    assert other.measured == 0.1


def test_the_worst_two_hundred_slices_are_told_and_the_rest_counted(build):
    """
    Worst first: the slices that lack most conversations are the ones to look at.
    """
    database = build(
        "insert into marts.coverage_judged select 'zendesk', date '2026-02-01' + i::int, 'day', "
        "'queue', 'Q' || i, 1000, i, i / 1000 from range(250) numbers(i)"
    )
    outcomes = covered(database)

    *slices, rest = outcomes
    assert [outcome.slice for outcome in slices] == [f"queue=Q{i}" for i in range(200)]
    assert rest.unexpected_count == 50
    assert "50 more slices" in rest.detail
    assert rest.slice is None


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.integers(1, 1000), st.integers(0, 1100)) | st.none(), min_size=1, max_size=30
    ),
    st.floats(0, 0.999),
)
def test_exactly_the_slices_outside_the_bound_fail(tmp_path_factory, counts, above):
    database = tmp_path_factory.mktemp("slices") / "candidate.duckdb"
    rows = [
        (
            "s",
            "2026-01-05",
            "day",
            "queue",
            str(i),
            *(each or (None, 0)),
            None if each is None else each[1] / each[0],
        )
        for i, each in enumerate(counts)
    ]
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create schema marts; create table marts.coverage_judged (source varchar, "
            "period_start date, period_kind varchar, slice_kind varchar, slice varchar, "
            "expected bigint, loaded bigint, coverage double)"
        )
        connection.executemany(
            "insert into marts.coverage_judged values (?, ?, ?, ?, ?, ?, ?, ?)", rows
        )
    outcomes = judge(database, coverage({"s": above}))

    expected = {f"queue={row[4]}" for row in rows if row[7] is not None and not above < row[7] <= 1}
    measured = any(row[7] is not None for row in rows)
    assert {outcome.slice for outcome in outcomes if outcome.passed is False} == expected
    assert all(outcome.is_measured == measured for outcome in outcomes)


@pytest.mark.parametrize(
    ("harm", "suite", "named"),
    [
        ("drop table marts.fct_conversations", "conversation_key", "fct_conversations"),
        ("alter table marts.fct_conversations drop driver", "conversation_key", "driver"),
        ("drop schema marts cascade", "export_identity", "exports"),
    ],
)
def test_what_cannot_be_evaluated_is_not_measured_and_names_what_is_missing(
    build, harm, suite, named
):
    """
    A check that raised has neither passed nor failed, and nothing is published on it.
    """
    outcome = only(build(harm), suite)

    assert (outcome.is_measured, outcome.passed) == (False, None)
    assert named in outcome.detail
    assert "\n" not in outcome.detail
    assert outcome.blocks


def test_a_failure_is_told_beside_an_expectation_that_could_not_be_evaluated(build):
    def expectations():
        from great_expectations import expectations as gxe

        return [
            gxe.ExpectColumnValuesToNotBeNull(column="no_such_column"),
            gxe.ExpectColumnValuesToBeInSet(column="driver", value_set=["driver 0", "driver 1"]),
        ]

    suite = Suite(
        name="two",
        clause="two expectations",
        severity="warning",
        relation="marts.fct_conversations",
        measurement="select * from marts.fct_conversations",
        keys=("conversation_id",),
        expectations=expectations,
        remedy="",
        when_silent="",
    )
    failed, unmeasured = judge(build(), [suite])

    assert (failed.passed, failed.unexpected_count) == (False, 4)
    assert unmeasured.passed is None
    assert "no_such_column" in unmeasured.detail


@pytest.mark.parametrize("table", ["exports", "fct_conversations"])
def test_an_empty_build_is_not_measured_and_not_published(build, table):
    """
    Every bound passes on an empty table; publishing it would replace a good build by nothing.
    """
    suite = {"exports": "export_identity", "fct_conversations": "conversation_key"}[table]
    outcome = only(build(f"delete from marts.{table}"), suite)

    assert (outcome.is_measured, outcome.passed, outcome.blocks) == (False, None, True)


def test_a_source_without_tags_is_not_measured_and_blocks_nothing(build):
    outcome = only(build("delete from marts.fct_conversation_tags"), "tag_key")

    assert (outcome.is_measured, outcome.passed, outcome.blocks) == (False, None, False)


def test_at_most_twenty_failing_keys_are_shown_and_all_are_counted(build):
    database = build(
        "insert into marts.fct_conversations "
        "select 'web:' || i, null, true, null, '' from range(500) numbers(i)"
    )
    outcome = only(database, "conversation_key")

    assert outcome.unexpected_count == 500
    assert outcome.measured == 500
    assert len(outcome.examples) == 20
    assert "500 of 512 rows" in outcome.detail


def test_a_writer_opens_the_file_right_after_it_was_judged_twice(build):
    """
    DuckDB lets nobody write while a reader of this process is open.
    """
    database = build("delete from marts.fct_conversations")
    for _ in range(2):
        judge(database, [*STRUCTURAL.values(), *coverage(BOUND)])
        with duckdb.connect(str(database)) as connection:
            connection.execute("create or replace table marts.written as select 1")


def test_a_file_that_is_missing_damaged_or_held_is_refused_with_the_reason(build, tmp_path):
    with pytest.raises(UnreadableDatabase, match="no such file"):
        judge(tmp_path / "none.duckdb", list(STRUCTURAL.values()))
    damaged = tmp_path / "damaged.duckdb"
    damaged.write_bytes(b"not a database" * 1000)
    with pytest.raises(UnreadableDatabase, match=r"damaged\.duckdb.*not a valid DuckDB"):
        judge(damaged, list(STRUCTURAL.values()))
    database = build()
    with (
        duckdb.connect(str(database)),
        pytest.raises(UnreadableDatabase, match=r"candidate\.duckdb.*different configuration"),
    ):
        judge(database, list(STRUCTURAL.values()))


def test_a_path_is_opened_as_it_is_written(build, tmp_path):
    """
    Great Expectations reads settings out of connection strings, and SQLAlchemy escapes.
    """
    odd = tmp_path / "a ${HOME} of 100% #1" / "candidate.duckdb"
    odd.parent.mkdir()
    build().rename(odd)

    assert all(outcome.passed for outcome in judge(odd, list(STRUCTURAL.values())))


def test_declaring_suites_costs_no_import_of_great_expectations():
    """
    It takes seconds, and every process that only lists the checks would pay it.
    """
    code = (
        "import sys; from expectations.suites import structural, coverage; import "
        "expectations.runner, expectations.breaches; structural(); coverage({'s': .5}); "
        "sys.exit('great_expectations' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_process_that_judged_ends_without_a_word(build):
    """
    duckdb reports on the terminal whatever still refers to it when the interpreter ends.
    """
    code = (
        "import sys, pathlib; from expectations.suites import structural; "
        "from expectations.runner import judge; "
        "judge(pathlib.Path(sys.argv[1]), structural(), memory_limit='256MB')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(build())],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ended.stdout, ended.stderr) == ("", "")

"""Each suite passes on a good build, and fails on exactly what is broken."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from expectations.runner import UnreadableDatabase, judge
from expectations.suite import Suite
from expectations.suites import coverage, structural

ROOT = Path(__file__).parents[2]
SIGNALS = ["sentiment", "outcome"]
STRUCTURAL = {suite.name: suite for suite in structural(SIGNALS)}
BOUND = {"zendesk": 0.95}


def only(database, suite: str):
    (outcome,) = judge(database, [STRUCTURAL[suite]])
    return outcome


def test_every_suite_passes_on_a_good_build(build):
    outcomes = judge(build(), [*STRUCTURAL.values(), *coverage(BOUND)])

    assert [outcome.suite for outcome in outcomes] == [*STRUCTURAL, "coverage_zendesk"]
    assert all(outcome.passed and outcome.is_measured for outcome in outcomes)
    assert not any(outcome.blocks for outcome in outcomes)


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
            "where conversation_id = 'zendesk:8'",
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
        (
            "signal_answers",
            "delete from marts.fct_signals where signal = 'outcome' "
            "and conversation_id = 'zendesk:7'",
            {"signal": "outcome", "in_scope": 9, "answered": 8},
            "as many rows as conversations",
        ),
        (
            "signal_answers",
            "delete from marts.fct_signals where signal = 'outcome'",
            {"signal": "outcome", "in_scope": 9, "answered": 0},
            "as many rows as conversations",
        ),
        (
            "signal_answers",
            "update marts.fct_signals set conversation_id = 'zendesk:6' "
            "where signal = 'outcome' and conversation_id = 'zendesk:7'",
            {"signal": "outcome", "in_scope": 9, "answered": 9},
            "once, and no other",
        ),
        (
            "signal_answers",
            "insert into marts.fct_signals select conversation_id, 'mood', 'fine', null "
            "from marts.fct_conversations where is_in_scope",
            {"signal": "mood", "in_scope": 0, "answered": 9},
            "as many rows as conversations",
        ),
        (
            "signal_answers",
            "update marts.fct_signals set abstain_reason = 'language not spoken' "
            "where signal = 'sentiment' and conversation_id = 'zendesk:7'",
            {"signal": "sentiment", "unexplained": 1},
            "a value or the reason for none",
        ),
        (
            "signal_answers",
            "update marts.fct_signals set abstain_reason = null "
            "where signal = 'outcome' and conversation_id = 'zendesk:7'",
            {"signal": "outcome", "unexplained": 1},
            "a value or the reason for none",
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
    assert outcome.severity == "warning"


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
        "expectations.runner, expectations.checks; structural(['sentiment']); coverage({'s': .5}); "
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
        "judge(pathlib.Path(sys.argv[1]), structural(['sentiment', 'outcome']), memory_limit='256MB')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(build())],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ended.stdout, ended.stderr) == ("", "")

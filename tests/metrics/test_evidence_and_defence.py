"""`assay evidence` and `assay defend`, asked of a small build as a sceptic would."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from running import Built, assay

METRIC = "high_effort_share"

HOSTILE = "\x1b[2J\x1b]0;owned\x07 [red]all is well[/red]\nHigh-effort share: 0.0%\r\u202e"


@pytest.fixture(scope="module")
def ask(built) -> Callable:
    return lambda *arguments, data=None: assay(*arguments, data=data or built.data)


@pytest.fixture(scope="module")
def evidence(ask) -> dict:
    return json.loads(ask("evidence", METRIC, "last", "--all", "--json").out)


@pytest.fixture(scope="module")
def defence(ask) -> dict:
    return json.loads(ask("defend", METRIC, "last", "--json").out)


def changed(built, folder: Path, *changes: str) -> Path:
    """A data folder whose published build says something else."""
    published = folder / "published"
    published.mkdir()
    build = published / "assay-1.duckdb"
    build.write_bytes(built.published.read_bytes())
    with duckdb.connect(str(build)) as connection:
        for change in changes:
            connection.execute(change)
    (published / "assay.duckdb").symlink_to(build.name)
    return folder


def test_the_conversations_behind_a_share_are_those_it_counts(built, evidence):
    start = evidence["number"]["period"]["period_start"]
    counted = built.rows(
        f"""
        select units.conversation_id from marts.metric_membership as units
        where metric = '{METRIC}' and numerator > 0
            and date_trunc('week', occurred_at at time zone 'UTC') = timestamp '{start}'
        """
    )
    assert {row["conversation_id"] for row in evidence["conversations"]} == {
        id for (id,) in counted
    }
    assert evidence["counted"] == len(counted) == evidence["value"]["numerator"]
    assert evidence["not_counted"] == evidence["value"]["denominator"] - len(counted)


def test_a_member_and_the_other_side_are_asked_for(ask, built):
    driver = built.value(
        f"select member from marts.metric_values where metric = '{METRIC}' and dimension = 'driver'"
        " and is_complete order by period_start desc, conversations desc, member limit 1"
    )
    told = ask("evidence", METRIC, "last", "--driver", driver, "--against", "--all", "--json")
    found = json.loads(told.out)
    assert {row["driver"] for row in found["conversations"]} == {driver}
    assert {row["is_counted"] for row in found["conversations"]} == {False}
    assert len(found["conversations"]) == found["not_counted"]
    assert {row["driver"] for row in found["quotes"]} == {driver}
    by_name = ("--dimension", "driver", "--member", driver)
    same = ask("evidence", METRIC, "last", *by_name, "--against", "--all", "--json")
    assert same.out == told.out


def test_evidence_says_first_what_the_number_is_worth(ask, evidence):
    lines = ask("evidence", METRIC, "last").out.splitlines()
    assert lines[0].startswith(
        f"High-effort share, week of {evidence['number']['period']['period_start'][:10]}: "
    )
    assert lines[1].startswith("DRAFT, not for leaders: ")
    listed = [line for line in lines if line.startswith("  zendesk:")]
    assert len(listed) == 20


@pytest.mark.parametrize("written", ["{day}", "{sunday}", "{iso}", "last"])
def test_a_period_is_written_in_several_ways(ask, built, written):
    monday = built.value(
        f"select max(period_start) from marts.metric_values where metric = '{METRIC}' and is_complete"
    )
    year, week, _ = monday.isocalendar()
    period = written.format(
        day=f"{monday:%Y-%m-%d}",
        sunday=f"{monday + timedelta(days=6):%Y-%m-%d}",
        iso=f"{year}-W{week:02}",
    )
    found = json.loads(ask("evidence", METRIC, period, "--json").out)
    assert found["number"]["period"]["period_start"] == str(monday)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["high_efort_share", "last"],
            "high_efort_share is not a metric. Did you mean high_effort_share?",
        ),
        ([METRIC, "1999-W01"], "high_effort_share has no period 1999-W01. The nearest known: "),
        ([METRIC, "2026-Q3"], "It is counted by the week."),
        ([METRIC, "soon"], "soon is not a period: write a day as in 2026-09-21"),
        ([METRIC, "2026-W60"], "2026-W60 is not a period: "),
    ],
)
@pytest.mark.parametrize("command", ["evidence", "defend"])
def test_what_there_is_not_is_answered_with_what_there_is(ask, command, arguments, sentence):
    ended = ask(command, *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err


def test_a_member_nobody_counts_is_answered_with_the_nearest(ask):
    ended = ask("evidence", METRIC, "last", "--driver", "billing_paymnts")
    assert ended.code == 2
    assert "Did you mean billing_payments?" in ended.err


@pytest.mark.parametrize(
    "options", [["--driver", "a", "--dimension", "segment"], ["--member", "smb"]]
)
def test_options_that_do_not_go_together_are_named(ask, options):
    ended = ask("evidence", METRIC, "last", *options)
    assert ended.code == 2
    assert "--member" in ended.err


def test_where_nothing_is_published_that_is_said(ask, tmp_path):
    for command in ("evidence", "defend"):
        ended = ask(command, METRIC, "last", data=tmp_path)
        assert ended.code == 2
        assert "nothing is published yet" in ended.err


def test_every_metric_is_defended_on_one_screen(ask, built):
    for (metric,) in built.rows(
        "select distinct metric from counted.metric_counts order by metric"
    ):
        ended = ask("defend", metric, "last")
        assert (ended.code, ended.err) == (0, ""), metric
        lines = ended.out.splitlines()
        assert len(lines) <= 60, metric
        assert max(map(len, lines)) <= 100, metric


def test_every_metric_shows_as_many_conversations_as_it_counts(ask, built):
    """
    The conversations behind a number, for it and against it, are those of its units, each once.
    """
    for (metric,) in built.rows(
        "select distinct metric from counted.metric_counts order by metric"
    ):
        found = json.loads(ask("evidence", metric, "last", "--json").out)
        period = found["number"]["period"]
        counted = built.value(
            f"select count(distinct conversation_id) from marts.metric_membership where metric = '{metric}'"
            f" and occurred_at >= '{period['started_at']}' and occurred_at < '{period['ended_at']}'"
        )
        assert found["counted"] + found["not_counted"] >= counted, metric
        assert 0 < len(found["quotes"]) <= 6, metric


def test_the_defence_fits_one_screen_and_answers_every_question(ask):
    lines = ask("defend", METRIC, "last").out.splitlines()
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 100
    begun = [line for line in lines if not line.startswith(" ")]
    for asked in (
        "DRAFT", "High-effort share", "Where it comes from", "How much of it is in", "What is counted",
        "Who validated it", "What changed", "Segments", "Why it moved", "Three for it", "Three against it",
    ):  # fmt: skip
        assert [line for line in begun if line.startswith(asked)], asked
    assert begun[0].startswith("DRAFT")


def test_the_parts_shown_are_those_published_and_sum_to_the_change(built, defence):
    change = (
        defence["evidence"]["number"]["period"]["value"]
        - defence["evidence"]["number"]["previous"]["value"]
    )
    assert abs(sum(row["part"] for row in defence["movement"]) - change) <= 1e-12
    published = built.rows(
        f"select driver, segment, part from marts.metric_movements where metric = '{METRIC}'"
    )
    told = {(row["driver"], row["segment"]): row["part"] for row in defence["movement"]}
    assert told == pytest.approx({(driver, segment): part for driver, segment, part in published})


def test_what_is_not_counted_is_counted(built, defence):
    period = defence["evidence"]["number"]["period"]
    here = f"opened_at >= '{period['started_at']}' and opened_at < '{period['ended_at']}'"
    in_scope, out = built.rows(
        "select count(*) filter (is_in_scope), count(*) filter (not is_in_scope)"
        f" from marts.fct_conversations where {here}"
    )[0]
    counted = defence["counted"]
    assert (counted["in_scope"], counted["out_of_scope"]) == (in_scope, out)
    assert counted["not_counted"] == in_scope - counted["conversations"]
    assert sum(row["conversations"] for row in counted["reasons"]) == out


def test_the_coverage_shown_is_that_of_the_number(defence):
    told, period = defence["coverage"], defence["evidence"]["number"]["period"]
    assert told["loaded"] / told["expected"] == pytest.approx(period["coverage"])


def test_a_segment_that_the_metric_leaves_out_is_told_in_points(built, ask, tmp_path):
    data = changed(
        built, tmp_path,
        "update marts.fct_measured set customer_effort = null where segment = 'smb'",
    )  # fmt: skip
    weights = {row["segment"]: row for row in json.loads(
        ask("defend", METRIC, "last", "--json", data=data).out
    )["weights"]}  # fmt: skip
    assert weights["smb"]["share"] == 0
    assert weights["smb"]["over"] == -weights["smb"]["share_of_all"] < 0
    assert sum(row["over"] for row in weights.values()) == pytest.approx(0)
    customers = dict(built.rows(
        "select segment, count(distinct customer_id) / (select count(*) from (select distinct segment, customer_id"
        " from marts.fct_conversations where is_in_scope and customer_id is not null))"
        " from marts.fct_conversations where is_in_scope group by all"
    ))  # fmt: skip
    assert {name: row["share_of_customers"] for name, row in weights.items()} == pytest.approx(
        customers
    )
    assert weights["smb"]["over_customers"] == -weights["smb"]["share_of_customers"] < 0
    assert "smb 0.0% against" in ask("defend", METRIC, "last", data=data).out


def test_a_tag_that_leads_elsewhere_since_the_period_before_is_told(built, ask, tmp_path):
    start = f"(select max(started_at) from counted.metric_counts where is_complete and metric = '{METRIC}')"
    data = changed(
        built, tmp_path,
        f"""
        update marts.fct_conversation_tags set canonical_tag = 'moved_away' where raw_tag = (
            select raw_tag
            from marts.fct_conversation_tags inner join marts.fct_conversations using (conversation_id)
            where is_in_scope and opened_at >= {start} group by all order by count(*) desc, raw_tag limit 1
        ) and conversation_id in (select conversation_id from marts.fct_conversations where opened_at >= {start})
        """,
    )  # fmt: skip
    told = ask("defend", METRIC, "last", data=data).out
    assert "→ moved_away)" in told
    assert "tags: none leads elsewhere" in ask("defend", METRIC, "last").out


def test_a_withheld_number_is_told_without_its_value(built, ask, tmp_path):
    data = changed(
        built, tmp_path,
        "update marts.metric_contracts set status = 'withheld', status_reasons = ['people found it wrong']",
    )  # fmt: skip
    said = ask("defend", METRIC, "last", data=data)
    assert said.out.startswith("WITHHELD, its value is not told: people found it wrong\n")
    assert ": withheld" in said.out.splitlines()[1]
    assert "Why it moved: there are no two values to compare" in said.out
    assert json.loads(ask("defend", METRIC, "last", "--json", data=data).out)["movement"] == []
    assert ": withheld" in ask("evidence", METRIC, "last", data=data).out.splitlines()[0]


def test_nothing_a_withheld_value_could_be_worked_out_from_is_told(built, ask, tmp_path):
    data = changed(built, tmp_path, "update marts.metric_contracts set status = 'withheld'")
    for metric in (METRIC, "first_reply_minutes_median", "backlog_at_day_end"):
        for arguments in (
            ("evidence", metric, "last", "--all"), ("evidence", metric, "last", "--all", "--against"),
            ("defend", metric, "last"),
        ):  # fmt: skip
            told = json.loads(ask(*arguments, "--json", data=data).out)
            found = told.get("evidence", told)
            for row in (found["value"], found["number"]["period"], found["number"]["previous"]):
                assert not {
                    name: row[name] for name in row
                    if name.startswith(("value", "numerator", "denominator", "conversations"))
                    and row[name] is not None
                }, arguments  # fmt: skip
            assert (found["counted"], found["not_counted"], found["conversations"]) == (
                None,
                None,
                [],
            )
            if "counted" in told and "evidence" in told:
                assert not {
                    told["counted"][name] for name in ("units", "conversations", "not_counted")
                } - {None}
                assert told["movement"] == []
        for command in ("evidence", "defend"):
            assert " of withheld" not in (shown := ask(command, metric, "last", data=data).out)
            assert "the value rests on" not in shown
            assert "conversations counted" not in shown


def test_the_marts_tell_no_number_of_a_withheld_metric(built, tmp_path):
    data = changed(
        built, tmp_path,
        f"update marts.metric_contracts set status = 'withheld' where metric = '{METRIC}'",
    )  # fmt: skip
    there = Built(data, built.exports, built.ended)
    assert there.value(f"select count(*) from marts.metric_values where metric = '{METRIC}'") > 0
    assert there.value(
        "select count(coalesce(numerator, denominator, value, value_corrected, value_low, value_high,"
        f" conversations, is_small::integer)) from marts.metric_values where metric = '{METRIC}'"
    ) == 0  # fmt: skip
    for mart in ("metric_movements", "driver_stack"):
        before = dict(
            built.rows(f"select metric, any_value(status) from marts.{mart} group by all")
        )
        after = dict(there.rows(f"select metric, any_value(status) from marts.{mart} group by all"))
        assert before.pop(METRIC) == "draft"
        assert before == after
    # what is counted before anybody knows how it stands is not among the marts
    assert there.rows(
        "select schema_name from duckdb_tables() where table_name in ('metric_counts', 'metric_corrections')"
    ) == [("counted",)] * 2  # fmt: skip


def test_a_metric_that_could_not_be_counted_says_why(built, ask, tmp_path):
    data = changed(
        built, tmp_path,
        "delete from counted.metric_counts",
        "update marts.metric_contracts set status = 'withheld', status_reasons = ['its SQL is broken']",
    )  # fmt: skip
    for command in ("evidence", "defend"):
        ended = ask(command, METRIC, "last", data=data)
        assert ended.code == 2
        assert f"{METRIC} has no numbers. It is withheld: its SQL is broken." in ended.err


def test_what_customers_wrote_moves_no_cursor_and_forges_no_line(built, ask, tmp_path):
    hostile = HOSTILE.replace("'", "''")
    data = changed(
        built, tmp_path,
        f"update marts.metric_evidence set quote = '{hostile}'",
        f"update marts.fct_conversations set subject = '{hostile}'",
        f"update marts.metric_contracts set status_reasons = ['{hostile}']",
        f"update marts.fct_conversation_tags set raw_tag = '{hostile}' || raw_tag,"
        " canonical_tag = raw_tag where raw_tag like 'r%'",
    )  # fmt: skip
    plain = len(ask("defend", METRIC, "last").out.splitlines())
    for command in ("evidence", "defend"):
        told = ask(command, METRIC, "last", data=data).out
        assert "[red]all is well[/red]" in told
        for mark in ("\x1b", "\x07", "\r", "\u202e"):
            assert mark not in told
        assert not [
            line for line in told.splitlines() if line.startswith("High-effort share: 0.0%")
        ]
    assert len(ask("defend", METRIC, "last", data=data).out.splitlines()) == plain


def test_reading_a_number_imports_nothing_that_builds_one(built: Built):
    """
    dbt, Dagster and Great Expectations take seconds to import; a sceptic is answered before.
    """
    read = (
        "import sys; from orchestration.cli import main\n"
        f"for command in ('evidence', 'defend'):\n"
        f"    main([command, '{METRIC}', 'last', '--json'], standalone_mode=False)\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'dbt', 'dagster', 'great_expectations', 'sqlalchemy', 'pandas'}, loaded"
    )
    done = subprocess.run(
        [sys.executable, "-c", read],
        env={"ASSAY_DATA": str(built.data), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

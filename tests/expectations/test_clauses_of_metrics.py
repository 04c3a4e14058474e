"""Every metric is held to its own contract, and each clause fails for the metrics it fails for and no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from contract_world import typed

from contracts.contract import Contract
from expectations.outcome import Outcome
from expectations.runner import judge
from expectations.suites.evidence import evidence
from expectations.suites.freshness import allowed_hours, freshness, window
from expectations.suites.metric_coverage import metric_coverage
from expectations.suites.validation import validation

STRICT, LAX = typed("strict", data__coverage={"above": 0.98}), typed("lax")
NEW = typed("new")
"""A metric of which no period is complete."""

MEASURED = """
create schema counted; create schema marts;
create table counted.metric_counts as
select
    metric, '1.0.0' as version, 'week' as cadence, date '2026-03-02' + (week * 7)::integer as period_start,
    period_start + 7 as period_end, period_end::timestamptz as ended_at, metric != 'new' as is_complete,
    dimension, member, 10 as conversations, 0.97 as coverage, period_start as first_day, 7 as days,
    7 as days_measured, 100 as expected, 97 as loaded, 0 as surplus
from
    (values ('strict'), ('lax'), ('new')) as metrics (metric), range(3) as weeks (week),
    (values ('all', 'all'), ('driver', 'billing')) as cells (dimension, member);
create table marts.metric_evidence as
select metric, version, period_start, dimension, member, 'c' || range as conversation_id, 'it broke' as quote
from counted.metric_counts, range(3);
create table marts.coverage as
select
    'zendesk' as source, date '2026-03-16' + day::integer as day, '' as slice_kind, '' as slice,
    20 as expected, 20 as loaded, 1::double as coverage
from range(7) as days (day);
create table marts.coverage_judged as
select
    source, day as period_start, 'day' as period_kind, slice_kind, slice, expected, loaded, coverage
from marts.coverage;
create table marts.coverage_witnesses (
    source varchar, period_kind varchar, period_start date, slice_kind varchar, slice varchar, witness varchar,
    expected_low double, expected_high double, loaded bigint
);
create table marts.source_freshness as
select
    source, told_by, timestamptz '2026-03-26 09:00:00+00' as loaded_until, false as has_ended
from (values ('zendesk', 'conversations'), ('billing', 'exports')) as sources (source, told_by);
create table counted.metric_validations as
select
    metric, '1.0.0' as version, 'customer_effort' as signal, 60 as labels, 0 as lapsed, 50 as needed, 30 as given,
    30 as agreed, 1.0::double as precision, 0.7::double as kappa, null::double as confirmed, false as is_simulated
from (values ('strict'), ('lax')) as metrics (metric);
"""


@pytest.fixture
def judged(tmp_path: Path) -> Callable[..., dict[tuple[str, str], list[Outcome]]]:
    """The outcomes by clause and metric, after these statements were carried out on a small build."""

    def judged(*harms: str) -> dict[tuple[str, str], list[Outcome]]:
        database = tmp_path / "candidate.duckdb"
        database.unlink(missing_ok=True)
        with duckdb.connect(str(database)) as connection:
            connection.execute(MEASURED)
            for harm in harms:
                connection.execute(harm)
        found: dict[tuple[str, str], list[Outcome]] = {}
        held = [STRICT, LAX, NEW]
        suites = [make(held) for make in (metric_coverage, validation, evidence, freshness)]
        for each in judge(database, suites):
            found.setdefault((each.clause, each.metric), []).append(each)
        return found

    return judged


def test_each_metric_has_an_outcome_of_each_clause_with_its_own_bound_and_owner(judged):
    found = judged()
    assert len(found) == 4 * 3
    assert {key for key, (first, *_) in found.items() if not first.passed} == {
        ("coverage", "strict"), ("coverage", "new"), ("evidence", "new"), ("freshness", "new"),
        ("freshness", "strict"), ("freshness", "lax"), ("validation", "new"),
    }  # fmt: skip
    (strict,), (lax,) = found["coverage", "strict"], found["coverage", "lax"]
    assert (strict.measured, strict.limit, strict.owner) == (0.97, 0.98, "Support")
    assert strict.detail == "coverage of the last complete period is 97.00%, not above 98.00%"
    assert (lax.passed, lax.measured, lax.limit) == (True, 0.97, 0.95)
    assert not any(each.blocks for (each, *_) in found.values())


def test_what_no_period_tells_of_is_not_measured(judged):
    found = judged()
    for clause in ("coverage", "evidence", "freshness", "validation"):
        (outcome,) = found[clause, "new"]
        assert (outcome.is_measured, outcome.passed) == (False, None)
        assert outcome.is_allowed == (clause in ("evidence", "freshness"))


MISSING = (
    "insert into marts.coverage_judged values"
    " ('zendesk', '{day}', 'week', 'queue', 'VIP', {expected}, {loaded}, {loaded} / {expected})"
)


def test_a_slice_of_which_nothing_came_fails_although_the_total_holds_and_is_named(judged):
    found = judged(MISSING.format(day="2026-03-16", expected=10, loaded=0))
    (vip,) = found["coverage", "lax"]
    assert (vip.passed, vip.slice, vip.measured) == (False, "queue=VIP", 0.0)
    assert vip.detail == "nothing came of queue VIP from 2026-03-16, of 10 expected"
    day = "update marts.coverage set loaded = 0, coverage = 0 where day = '2026-03-18'"
    (lost,) = judged(day)["coverage", "lax"]
    assert lost.detail == "nothing came of day 2026-03-18, of 20 expected"


SAID = (
    "insert into marts.coverage_witnesses values"
    " ('zendesk', 'week', '{day}', '{kind}', 'VIP', '{by}', {least}, 51, {loaded})"
)


def test_a_slice_of_which_nothing_came_fails_by_its_past_where_nobody_states_it(judged):
    def vip(day="2026-03-16", kind="queue", by="history", least=34, loaded=0) -> list[Outcome]:
        said = SAID.format(day=day, kind=kind, by=by, least=least, loaded=loaded)
        return [each for each in judged(said)["coverage", "lax"] if not each.passed]

    (missing,) = vip()
    assert (missing.slice, missing.measured) == ("queue=VIP", 0.0)
    assert (
        missing.detail
        == "nothing came of queue VIP from 2026-03-16, where its past lets expect 34 to 51"
    )
    stated = SAID.format(day="2026-03-16", kind="queue", by="manifest", least=0, loaded=0)
    past = SAID.format(day="2026-03-16", kind="queue", by="history", least=34, loaded=0)
    assert judged(stated, past)["coverage", "lax"][0].passed
    # of few it is chance, of one that is low its source is told; another week is no part of the period
    assert not vip(least=9)
    assert not vip(loaded=1)
    assert not vip(day="2026-03-02")
    assert not vip(kind="", by="ids")


def test_where_the_total_fails_the_slices_it_is_short_or_over_in_are_named(judged):
    short = "update counted.metric_counts set coverage = 0.9"
    half = "update marts.coverage set loaded = 10, coverage = 0.5 where day = '2026-03-18'"
    total, day = judged(short, half)["coverage", "lax"]
    assert (total.slice, day.slice) == ("all", "day=2026-03-18")
    assert day.detail == "of day 2026-03-18 came 10, of 20 expected"
    before = "update marts.coverage set day = '2026-02-11', loaded = 10, coverage = 0.5 where day = '2026-03-18'"
    assert len(judged(short, before)["coverage", "lax"]) == 1
    # opened five weeks before they were counted
    opened = "update counted.metric_counts set first_day = '2026-02-11'"
    assert judged(short, before, opened)["coverage", "lax"][1].slice == "day=2026-02-11"
    over = "update counted.metric_counts set coverage = 1.1"
    queue = MISSING.format(day="2026-03-16", expected=4, loaded=8)
    assert {each.slice for each in judged(over, queue)["coverage", "lax"]} == {"all", "queue=VIP"}


@pytest.mark.parametrize(
    "harm",
    [
        MISSING.format(day="2026-03-16", expected=9, loaded=0),
        MISSING.format(day="2026-03-16", expected=10, loaded=1),
        MISSING.format(day="2026-03-09", expected=10, loaded=0),
        MISSING.format(day="2026-03-23", expected=10, loaded=0),
        MISSING.format(day="2026-03-16", expected=10, loaded=0).replace("zendesk", "intercom"),
    ],
    ids=["too few expected", "one came", "the week before", "the week after", "another source"],
)
def test_no_other_slice_fails_a_metric_whose_total_holds(judged, harm):
    (outcome,) = judged(harm)["coverage", "lax"]
    assert outcome.passed


def test_coverage_on_its_bound_fails_and_above_one_fails_and_unknown_is_not_measured(judged):
    harm = "update counted.metric_counts set coverage = {} where metric = 'lax'"
    assert judged(harm.format(0.95))["coverage", "lax"][0].passed is False
    (above_one,) = judged(harm.format(1.02))["coverage", "lax"]
    assert above_one.passed is False
    assert above_one.detail == "more conversations than expected arrived: coverage 102.00%"
    (unknown,) = judged(harm.format("null"))["coverage", "lax"]
    assert (unknown.passed, unknown.is_allowed) == (None, False)


def test_what_is_loaded_where_none_were_expected_fails_and_is_no_share_of_anything(judged):
    none = (
        "update counted.metric_counts set coverage = null, expected = 0, loaded = 0, surplus = 60"
        " where metric = 'lax'"
    )
    day = "update marts.coverage set expected = 0, loaded = 60, coverage = null where day = '2026-03-18'"
    total, slice_ = judged(none, day)["coverage", "lax"]
    assert (total.passed, total.measured, slice_.passed) == (False, 60, False)
    assert (
        total.detail
        == "60 conversations loaded where none were expected in the last complete period"
    )
    assert slice_.detail == "of day 2026-03-18 came 60 where none were expected"
    one = none.replace("60", "1")
    assert judged(one)["coverage", "lax"][0].passed is False
    # a day nobody stated a count for: not known whether any were expected
    (unknown,) = judged(f"{none}", "update counted.metric_counts set days_measured = 6")[
        "coverage", "lax"
    ]
    assert (unknown.passed, unknown.is_measured) == (None, False)


@pytest.mark.parametrize("quote", ["null", "''", "'  '"])
def test_a_number_without_a_word_under_it_fails_and_is_named(judged, quote):
    found = judged(
        f"update marts.metric_evidence set quote = {quote} where metric = 'lax' and dimension = 'driver'"
    )
    (outcome,) = found["evidence", "lax"]
    assert (outcome.passed, outcome.slice, outcome.measured) == (False, "driver=billing", 0.0)
    assert found["evidence", "strict"][0].passed


def test_a_metric_is_fresh_until_its_grace_and_what_it_may_be_late_are_over(judged):
    ended = "update counted.metric_counts set ended_at = now() - interval {} where metric = 'lax'"
    # a week after its end, a day of grace, and two days it may be late
    loaded = "update marts.source_freshness set loaded_until = now()"
    assert judged(ended.format("'238 hours'"), loaded)["freshness", "lax"][0].passed
    (stale,) = judged(ended.format("'242 hours'"), loaded)["freshness", "lax"]
    assert stale.passed is False
    assert stale.detail.startswith("stale: its last complete week ended on 2026-03-2")


BOTH = typed("lax", data__system=["zendesk", "billing"])
ASKED = datetime(2026, 4, 1, 12, tzinfo=UTC)
"""The week after the last complete one has ended two and a half days before."""

STOPPED = (
    "update marts.source_freshness set loaded_until = timestamptz '2026-03-10 05:00:00+00'"
    " where source = '{}'"
)


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[..., Outcome]:
    """How fresh a metric is at the moment it is asked, after these statements."""

    def fresh(contract: Contract, *harms: str, at: datetime = ASKED) -> Outcome:
        database = tmp_path / "candidate.duckdb"
        database.unlink(missing_ok=True)
        with duckdb.connect(str(database)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(MEASURED)
            for harm in harms:
                connection.execute(harm)
        (found,) = judge(database, [freshness([contract], at)])
        return found

    return fresh


def test_a_metric_is_as_fresh_as_the_oldest_of_the_systems_it_declares(fresh):
    """
    Billing stopped in the second of three weeks, which are complete all the same: no conversation waits for it.
    """
    assert fresh(BOTH).passed
    stale, alone = fresh(BOTH, STOPPED.format("billing")), fresh(LAX, STOPPED.format("billing"))
    assert alone.passed
    assert (stale.passed, stale.slice, stale.measured) == (False, "system=billing", 16 * 24 + 12)
    assert stale.detail == (
        "stale: its last complete week ended on 2026-03-09, and the one after it is 16 days overdue:"
        " billing tells nothing after 2026-03-10"
    )


def test_the_one_system_that_stopped_is_named_and_a_period_just_filled_is_not_waited_for(fresh):
    stale = fresh(LAX, STOPPED.format("zendesk"))
    assert (stale.passed, stale.slice) == (False, "system=zendesk")
    # filled to the hour its grace is over, and one minute short of it
    until = STOPPED.replace("2026-03-10 05:00:00", "{}").format
    assert fresh(BOTH, until("2026-03-24 00:00:00", "billing")).passed
    short = fresh(BOTH, until("2026-03-23 23:59:00", "billing"), at=ASKED + timedelta(days=1))
    assert (short.passed, short.slice) == (False, "system=billing")
    assert "ended on 2026-03-16" in short.detail


def test_a_source_no_contract_declares_is_named_where_every_period_waits_for_it(fresh):
    late = ASKED + timedelta(days=1)
    source = (
        "insert into marts.source_freshness values ('intercom', '{}', '2026-03-25 00:00:00+00', {})"
    )
    assert fresh(LAX, source.format("conversations", False), at=late).slice == "system=intercom"
    for other in (("exports", False), ("conversations", True)):
        assert fresh(LAX, source.format(*other), at=late).slice == "system=zendesk"
    assert fresh(LAX, "delete from marts.source_freshness", at=late).slice == "all"


def test_a_system_that_never_came_is_no_matter_of_freshness(fresh):
    """The clause of source fields tells of it, by table."""
    assert fresh(BOTH, "delete from marts.source_freshness where source = 'billing'").passed


def test_the_window_of_a_policy_holds_a_period_at_its_longest_with_what_the_check_allows():
    month = typed("lax", definition__cadence="month", data__late_hours=12)
    assert allowed_hours(month) == 24 + 12
    assert window(month) == timedelta(days=31, hours=36)
    assert window(typed("lax", definition=None)) is None


def test_a_table_that_is_gone_leaves_its_clause_unmeasured_of_every_metric_and_says_why(judged):
    found = judged("drop table marts.metric_evidence")
    for metric in ("strict", "lax", "new"):
        (outcome,) = found["evidence", metric]
        assert (outcome.is_measured, outcome.is_allowed) == (False, False)
        assert "metric_evidence" in outcome.detail
    assert found["coverage", "lax"][0].passed


def test_of_more_failures_than_are_fetched_no_metric_passes_unseen(tmp_path):
    """Great Expectations fetches 200 rows: of the others only their number is known."""
    many = [typed(f"metric_{number}") for number in range(250)]
    database = tmp_path / "candidate.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            MEASURED.replace(
                "(values ('strict'), ('lax'), ('new')) as metrics (metric)",
                "(select 'metric_' || range as metric from range(250))",
            )
        )
        connection.execute("update counted.metric_counts set coverage = 0.5")
    outcomes = judge(database, [metric_coverage(many)])
    assert len(outcomes) == 250
    assert not any(each.passed for each in outcomes)
    assert sum(each.passed is False for each in outcomes) == 200


def test_data_docs_tell_every_contract_s_standing_with_its_owner_and_the_worst_on_the_index(
    tmp_path,
):
    database, docs = tmp_path / "candidate.duckdb", tmp_path / "docs"
    with duckdb.connect(str(database)) as connection:
        connection.execute(MEASURED)
    judge(database, [metric_coverage([LAX, STRICT, NEW])], docs)
    page = " ".join((docs / "suites" / "coverage_of_metrics.html").read_text().split())
    for metric, standing in (("lax", "passed"), ("strict", "failed"), ("new", "not measured")):
        row = page.split(f"<td>{metric} 1.0.0</td>")[1].split("</tr>")[0]
        assert f">{standing}</span>" in row
        assert "<td>Support</td>" in row
    index = (docs / "index.html").read_text()
    assert '<span class="failed">failed</span>' in index
    assert "strict: coverage of the last complete period is 97.00%, not above 98.00%" in index

"""What a build counts otherwise than the one published before is found, and stands until somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from contracts.contract import Contract
from orchestration.ledger import Ledger
from orchestration.metrics import rewrites
from orchestration.stores import Stores
from orchestration.warehouse import read_metric_contracts

METRIC = "high_effort_share"

BUILD = f"""
create schema counted; create schema marts; create schema metrics;
create table marts.metric_contracts as
select '{METRIC}' as metric, '1.0.0' as version, 'active' as status;
create table marts.fct_conversations as
select
    'c' || range as conversation_id, timestamptz '2026-03-02 10:00+00' + to_hours(range::int) as opened_at,
    null::timestamptz as solved_at, 'open' as status, 0 as reopens, 0 as handoffs, 3 as messages,
    null::timestamptz as first_agent_reply_at, ['late'] as raw_tags,
    if(range < 50, 'billing', 'shipping') as driver, if(range < 50, 'invoice', 'lost') as canonical_tag
from range(100);
create table marts.fct_signals as
select
    conversation_id, 'customer_effort' as signal, if(row_number() over () <= 40, 'high', 'low') as value,
    'rules' as classifier, '1' as classifier_version
from marts.fct_conversations;
create view metrics.{METRIC} as
select
    conversation_id as unit_id, conversation_id, opened_at as occurred_at, (value = 'high')::double as numerator,
    1::double as denominator, null::double as measure, driver, canonical_tag
from marts.fct_conversations inner join marts.fct_signals using (conversation_id);
"""

COUNT = f"""
create table counted.metric_counts as
select
    '{METRIC}' as metric, '1.0.0' as version, timestamp '2026-03-02' as period_start,
    timestamp '2026-03-09' as period_end, true as is_complete,
    if(grouping(driver) = 0, 'driver', 'all') as dimension, coalesce(driver, 'all') as member,
    sum(numerator) as numerator, sum(denominator) as denominator, avg(numerator) as value,
    count(*) as conversations
from metrics.{METRIC}
group by grouping sets ((), (driver));
"""


@pytest.fixture
def contract() -> Contract:
    (found,) = [each for each in read_metric_contracts().contracts if each.metric == METRIC]
    return found


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    made = Stores.at(tmp_path)
    made.published.mkdir()
    _build(made.pointer)
    return made


@pytest.fixture
def rewritten(stores: Stores, contract: Contract) -> Callable[..., list[tuple]]:
    """What is open after a build in which these statements were carried out."""

    def found(*edits: str) -> list[tuple]:
        stores.candidate.unlink(missing_ok=True)
        _build(stores.candidate, *edits)
        rewrites.record(stores, [contract])
        with Ledger.open(stores.ledger) as ledger:
            return [
                (
                    row["slice_kind"],
                    row["slice"],
                    row["became"],
                    round(row["share"], 3),
                    row["conversations"],
                )
                for row in rewrites.open_rewrites(ledger.connection, contract)
            ]

    return found


def _build(path: Path, *edits: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for statement in (BUILD, *edits, COUNT):
            connection.execute(statement)


def test_the_same_build_again_rewrites_nothing(rewritten):
    assert rewritten() == []


def test_a_mapping_edited_in_place_is_told_by_driver_and_tag(rewritten):
    edit = "update marts.fct_conversations set driver = 'outage' where driver = 'shipping'"
    assert rewritten(edit) == [("driver", "shipping", "outage", 1.0, 50)]


def test_a_label_answered_otherwise_by_the_same_classifier_is_told_with_what_it_does_to_the_metric(
    rewritten,
):
    edit = "update marts.fct_signals set value = 'low' where conversation_id in ('c1', 'c2')"
    assert rewritten(edit) == [
        ("label", "customer_effort=high", "low", 0.05, 2),
        ("units", "counted otherwise", "invoice", 0.02, 2),
    ]


def test_another_version_of_the_classifier_may_answer_otherwise_and_the_metric_still_says_it(
    rewritten,
):
    edit = "update marts.fct_signals set value = 'low', classifier_version = '2' where conversation_id = 'c1'"
    assert rewritten(edit) == [("units", "counted otherwise", "invoice", 0.01, 1)]


def test_a_rule_that_takes_in_less_or_more_is_told_by_units(rewritten):
    less = (
        f"alter view metrics.{METRIC} rename to all_units; create view metrics.{METRIC} as"
        " select * from metrics.all_units where driver = 'billing'"
    )
    assert ("units", "no longer counted", "lost", 0.5, 50) in rewritten(less)


def test_what_an_export_changed_is_no_rewriting(rewritten):
    moved = "update marts.fct_conversations set driver = 'outage', messages = 4 where driver = 'shipping'"
    assert rewritten(moved) == []


def test_a_draft_has_no_history(stores, rewritten):
    with duckdb.connect(str(stores.pointer)) as published:
        published.execute("update marts.metric_contracts set status = 'draft'")
    assert rewritten("update marts.fct_conversations set driver = 'outage'") == []


def test_a_rewriting_stands_in_later_builds_until_somebody_has_looked(stores, rewritten, contract):
    edit = "update marts.fct_conversations set driver = 'outage' where driver = 'shipping'"
    before = rewritten(edit)
    stores.pointer.unlink()
    stores.candidate.rename(stores.published / "second.duckdb")
    stores.pointer.symlink_to("second.duckdb")
    assert rewritten(edit) == before
    with Ledger.open(stores.ledger) as ledger:
        ledger.connection.execute(
            "insert into metric_revalidations values (?, '1.0.0', 'ana', 'as decided', 0, ?)",
            [METRIC, datetime.now(UTC)],
        )
        assert rewrites.open_rewrites(ledger.connection, contract) == []


def test_a_build_that_knew_no_metrics_has_no_history_and_stops_no_run(stores, rewritten):
    with duckdb.connect(str(stores.pointer)) as published:
        published.execute("drop table counted.metric_counts; drop table marts.metric_contracts")
    assert rewritten("update marts.fct_conversations set driver = 'outage'") == []


def test_what_cannot_be_compared_is_an_error_and_never_taken_for_the_same(stores, rewritten):
    with duckdb.connect(str(stores.pointer)) as published:
        published.execute("alter table counted.metric_counts drop column is_complete")
    with pytest.raises(duckdb.BinderException):
        rewritten("update marts.fct_conversations set driver = 'outage'")

"""Labels of a signal count for a metric where its version counts the conversation, and nowhere else."""

from __future__ import annotations

import duckdb
import pytest
from contract_world import typed

from expectations.outcome import Outcome
from expectations.runner import judge
from expectations.suites.validation import RELATION, validation
from orchestration.metrics.validation import measure
from signals.validation.question import Question, ValidationError
from signals.validation.sheet import Design, draw

EFFORT = Question("customer_effort", "How hard was it?", ("high", "medium", "low"))


@pytest.fixture
def build():
    """200 labelled conversations: people say `high` of all, the classifier of the even ones; 60 are counted."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as work")
        connection.execute(
            """
            create schema marts; create schema metrics; create schema work.raw;
            create table work.raw.metric_faults (metric varchar, fault varchar);
            create table marts.fct_signals as
            select 'c' || range as conversation_id, 'customer_effort' as signal,
                if(range % 2 = 0, 'high', 'low') as value, 'effort' as classifier, '1.0.0' as classifier_version
            from range(200);
            create table work.raw.labels as
            select signal, classifier, classifier_version, true as is_simulated, conversation_id, 'high' as label,
                value as predicted, 'sheet' as sheet_id, true as is_as_read
            from marts.fct_signals;
            create view metrics.one as select 'c' || range as conversation_id from range(60)
            """
        )
        yield connection


@pytest.fixture
def judged(build, tmp_path):
    """What the suite says of labels, as a contract asks for them."""

    def judged(**clause) -> Outcome:
        asked = {"signal": "customer_effort", "value": "high", "labels": 50, **clause}
        contract = typed("one", drill_down__validation=asked)
        measure(build, [contract])
        file = tmp_path / "candidate.duckdb"
        file.unlink(missing_ok=True)
        build.execute(f"attach '{file}' as copied; create schema copied.counted")
        build.execute(f"create table copied.{RELATION} as from memory.{RELATION}; detach copied")
        (outcome,) = judge(file, [validation([contract])])
        return outcome

    return judged


def test_labels_of_what_is_not_counted_do_not_count(judged):
    found = judged(labels=61, kappa=0.4)
    assert (found.is_measured, found.passed) == (False, None)
    assert found.detail == (
        "60 of 61 simulated labels of customer_effort are recorded of conversations it counts"
    )


def test_a_precision_rests_on_as_many_answers_of_its_value_as_labels_are_asked_for(build, judged):
    """Of the 60, 30 were answered high, all of them rightly."""
    found = judged(precision=0.7)
    assert found.passed is None
    assert found.detail == "30 of 50 simulated labels of customer_effort are of those answered high"
    build.execute(
        "create or replace view metrics.one as from marts.fct_signals where value = 'high'"
    )
    found = judged(precision=0.7)
    assert (found.passed, found.measured) == (True, 1.0)
    assert found.detail.startswith("100 simulated labels of customer_effort: precision of high")


def test_an_agreement_that_is_not_defined_is_below_every_floor(build, judged):
    """All say high of what is answered high: of chance nothing can be told apart."""
    build.execute(
        "create or replace view metrics.one as from marts.fct_signals where value = 'high'"
    )
    found = judged(kappa=0.4)
    assert found.passed is False
    assert found.detail == "100 simulated labels of customer_effort: κ is not defined, below 0.40"


def test_each_floor_that_is_missed_is_told_and_one_that_holds_is_not(judged):
    found = judged(labels=50, kappa=0.4)
    assert found.passed is False
    assert "κ is 0.00, below 0.40" in found.detail


def test_a_broken_metric_has_no_labels(build, judged):
    build.execute("drop view metrics.one")
    build.execute("insert into work.raw.metric_faults values ('one', 'no such view')")
    found = judged(kappa=0.4)
    assert (found.is_measured, found.detail[:7]) == (False, "0 of 50")


def test_the_sheet_of_a_metric_holds_what_it_counts_and_says_of_how_many(built):
    with duckdb.connect(str(built.published), read_only=True) as published:
        sheet = draw(published, "a build", EFFORT, Design(20, 1, metric="high_effort_share"))
        counted = {row[0] for row in published.execute(
            "select distinct conversation_id from metrics.high_effort_share"
        ).fetchall()}  # fmt: skip
        assert {row.conversation_id for row in sheet.rows} <= counted
        assert sheet.conversations == len(counted) == sum(many for _, many in sheet.by_day)
        assert sheet.design.name.endswith("high_effort_share")
        with pytest.raises(ValidationError, match="holds no metric no_such_metric"):
            draw(published, "a build", EFFORT, Design(20, 1, metric="no_such_metric"))

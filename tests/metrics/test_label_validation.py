"""Labels of a signal count for a metric where its version counts the conversation, and nowhere else."""

from __future__ import annotations

import json

import duckdb
import pytest

from orchestration.metrics.validation import validation_of
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


def validated(build, **clause):
    asked = {"signal": "customer_effort", "value": "high", "labels": 50, **clause}
    promise = json.dumps({"drill_down": {"validation": asked}})
    return validation_of(build, {"metric": "one", "contract": promise, "faults": []})


def test_labels_of_what_is_not_counted_do_not_count(build):
    found = validated(build, labels=61, kappa=0.4)
    assert (found.labels, found.passed) == (60, None)
    assert found.told == (
        "60 of 61 simulated labels of customer_effort are recorded of conversations it counts"
    )


def test_a_precision_rests_on_as_many_answers_of_its_value_as_labels_are_asked_for(build):
    """Of the 60, 30 were answered high, all of them rightly."""
    found = validated(build, precision=0.7)
    assert found.passed is None
    assert found.told == "30 of 50 simulated labels of customer_effort are of those answered high"
    build.execute(
        "create or replace view metrics.one as from marts.fct_signals where value = 'high'"
    )
    found = validated(build, precision=0.7)
    assert (found.labels, found.passed) == (100, True)


def test_a_broken_metric_has_no_labels(build):
    promise = json.dumps(
        {"drill_down": {"validation": {"signal": "customer_effort", "labels": 50, "kappa": 0.4}}}
    )
    build.execute("drop view metrics.one")
    found = validation_of(build, {"metric": "one", "contract": promise, "faults": ["no such view"]})
    assert (found.labels, found.passed) == (0, None)


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

"""What lints learn from the marts, and what a build tells of a metric on its contract's page."""

from __future__ import annotations

import json

import duckdb
import pytest
from contract_world import contract, metric, read
from running import assay

from orchestration.metrics.lint_facts import read_facts

NAME = "high_effort_onboarding_share"


@pytest.fixture
def marts():
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        yield connection


def fill(marts, version: str = "1.0.0") -> None:
    """501 conversations in one month and 20 in the next, each of them counted on two days."""
    marts.execute(
        f"""
        create table marts.units as
        select
            '{NAME}' as metric, '{version}' as version, 'zendesk:' || range as conversation_id,
            timestamptz '2026-01-05' + to_days(day) + case when range > 501 then to_days(40) else to_days(0) end
                as occurred_at,
            ['high', 'low', null][range % 3 + 1] as state
        from range(1, 522), range(2) as days(day);
        create view marts.metric_membership as from marts.units;
        create view marts.metric_values as
        select '{NAME}' as metric, '{version}' as version, dimension, member
        from (values ('all', 'all'), ('channel', 'email'), ('channel', 'chat'), ('segment', 'unknown'))
            as cells(dimension, member)
        """
    )


def test_facts_are_members_states_and_the_fullest_month_of_what_people_tag(marts):
    fill(marts)
    facts = read_facts(marts, read(metric(written=contract(manual_tagging=True))).contracts)
    assert facts.members == {NAME: {"channel": 2, "segment": 0}}
    assert facts.states == {NAME: {"high", "low"}}
    assert facts.monthly_conversations == {NAME: 501}


def test_marts_of_another_version_tell_nothing(marts):
    fill(marts, version="0.9.0")
    facts = read_facts(marts, read(metric()).contracts)
    assert not facts.members
    assert not facts.states


def test_a_build_older_than_metrics_tells_nothing(marts):
    assert not read_facts(marts, read(metric()).contracts).states


def test_a_page_is_shown_with_its_standing_in_the_newest_build(built):
    shown = assay("contract", "show", "high_effort_share", data=built.data)
    assert shown.code == 0, shown.err
    ((status,),) = built.rows(
        "select status from marts.metric_contracts where metric = 'high_effort_share'"
    )
    assert f"Standing\n- status: {status}" in shown.out
    as_json = assay("contract", "show", "high_effort_share", "--json", data=built.data)
    assert json.loads(as_json.out)["standing"]["status"] == status

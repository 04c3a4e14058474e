"""A metric past its threshold for as many periods in a row as its contract says opens one case, and no more."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.ledger import Ledger
from orchestration.metrics.triage import open_cases

LEAST = 30
PAST, FINE, FEW, LOST = "past", "fine", "few", "lost"
"""What a week is: past the threshold, not past it, past it by too few conversations to tell, or not there."""


@pytest.fixture
def world(tmp_path: Path):
    """Weeks -> the cases that are open once these weeks were published, one build after the other."""
    with duckdb.connect() as candidate, Ledger.open(tmp_path / "ledger.duckdb") as ledger:
        candidate.execute("set TimeZone = 'UTC'; create schema marts; create schema counted")
        yield World(candidate, ledger)


class World:
    def __init__(self, candidate: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
        self.candidate, self.ledger = candidate, ledger

    def clear(self) -> None:
        self.ledger.connection.execute("delete from triage_cases; delete from triage_ends")

    def build(
        self, weeks: list[str], *, periods=2, status="active", is_published=True, kind="share"
    ):
        """The cases after a build of these weeks, oldest first."""
        contract = json.dumps({
            "escalation": {"threshold": 0.35, "direction": "above", "periods": periods, "hours": 24},
            "actions": ["Call the customer."],
        })  # fmt: skip
        self.candidate.execute(
            "create or replace table marts.metric_contracts as select 'effort' as metric, '1.0.0' as"
            " version, $status as status, $kind as value_kind, 'Support' as owner,"
            " 's@example.com' as owner_email, $contract as contract",
            {"status": status, "kind": kind, "contract": contract},
        )
        self.candidate.execute(
            """
            create or replace table counted.metric_counts as
            select 'effort' as metric, '1.0.0' as version, 'all' as dimension, true as is_complete,
                timestamp '2026-01-05' + to_weeks(place) as period_start,
                period_start + interval 7 days as period_end,
                if(week in ('past', 'few'), 0.4, 0.35) as value, if(week = 'few', 29, 30) as conversations
            from (select unnest($weeks) as week, unnest(range(len($weeks)))::integer as place)
            where week != 'lost'
            """,
            {"weeks": weeks},
        )
        is_news = open_cases(self.candidate, self.ledger, LEAST, is_published)
        return is_news, self.candidate.execute(
            "select triage_id, state, opened_at, due_at, actions, since from marts.triage order by since"
        ).fetchall()


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    st.lists(st.sampled_from([PAST, PAST, FINE, FEW, LOST]), min_size=1, max_size=8),
    st.integers(1, 4),
)
def test_a_case_is_open_exactly_where_the_last_weeks_are_all_past(world, weeks, periods):
    world.clear()
    _, cases = world.build(weeks, periods=periods)
    there = list(weeks)
    while there and there[-1] == LOST:
        there.pop()
    assert len(cases) == int(len(there) >= periods and set(there[-periods:]) == {PAST})


def test_two_weeks_open_one_case_with_its_owner_s_day_to_take_it_and_a_third_opens_no_other(world):
    assert world.build([FINE, PAST]) == (False, [])
    is_news, [(case, state, opened, due, actions, since)] = world.build([FINE, PAST, PAST])
    assert (is_news, state, actions) == (True, "open", ["Call the customer."])
    assert case == "effort/2026-01-19T00"
    assert due - opened == timedelta(hours=24)
    assert since == datetime(2026, 1, 12)
    for weeks in ([FINE, PAST, PAST], [FINE, PAST, PAST, PAST]):
        is_news, cases = world.build(weeks)
        assert (is_news, len(cases)) == (False, 1)


def test_a_recovery_leaves_the_case_to_be_closed_and_the_next_streak_opens_its_own(world):
    (_, [(first, *_)]) = world.build([PAST, PAST])
    (_, [(_, state, *_)]) = world.build([PAST, PAST, FINE])
    assert state == "open"
    world.ledger.connection.execute(
        "insert into triage_ends values (?, now(), 'Robin', 'staffed the evening')", [first]
    )
    is_news, [(_, state, *_)] = world.build([PAST, PAST, FINE])
    assert (is_news, state) == (True, "closed")
    _, cases = world.build([PAST, PAST, FINE, PAST, PAST])
    assert [state for _, state, *_ in cases] == ["closed", "open"]


def test_a_closed_case_is_not_opened_again_while_its_streak_lasts(world):
    (_, [(first, *_)]) = world.build([PAST, PAST])
    world.ledger.connection.execute(
        "insert into triage_ends values (?, now(), 'Robin', 'known')", [first]
    )
    # an older week that is past too, known later, is of the same streak
    _, cases = world.build([PAST, PAST, PAST])
    assert [state for _, state, *_ in cases] == ["closed"]


def test_without_news_nothing_is_written_again(world):
    def written() -> list[tuple[int]]:
        return world.candidate.execute(
            "select table_oid from duckdb_tables() where table_name = 'triage_cases'"
            " union all select view_oid from duckdb_views() where view_name = 'triage'"
        ).fetchall()

    world.build([PAST])
    empty = written()
    world.build([PAST])
    assert written() == empty
    world.build([PAST, PAST])
    opened = written()
    assert not set(opened) & set(empty)
    world.build([PAST, PAST])
    assert written() == opened
    world.candidate.execute("drop view marts.triage")
    is_news, cases = world.build([PAST, PAST])
    assert (is_news, len(cases)) == (False, 1)


@pytest.mark.parametrize(
    "facts", [{"status": "draft"}, {"status": "withheld"}, {"is_published": False}]
)
def test_what_leaders_do_not_see_opens_nothing(world, facts):
    assert world.build([PAST, PAST], **facts)[1] == []


def test_a_count_of_few_is_as_exact_as_one_of_many(world):
    assert len(world.build([FEW, FEW], kind="count")[1]) == 1


def test_a_case_nobody_closed_in_time_is_overdue(world):
    world.build([PAST, PAST])
    world.ledger.connection.execute("update triage_cases set due_at = ?", [datetime.now(UTC)])
    assert world.build([PAST, PAST])[1][0][1] == "overdue"

"""Coverage is judged slice by slice against the bound of its source."""

from __future__ import annotations

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expectations.runner import judge
from expectations.suites import coverage

BOUND = {"zendesk": 0.95}


def covered(database, bounds=BOUND):
    return judge(database, coverage(bounds))


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


def test_what_is_loaded_where_none_were_expected_fails_by_what_was_loaded(build):
    none = "update marts.coverage_judged set expected = 0, loaded = {}, coverage = {} where slice = 'Orders'"
    (outcome,) = covered(build(none.format(60, "null")))

    assert (outcome.passed, outcome.measured, outcome.slice) == (False, 60, "queue=Orders")
    assert outcome.detail.startswith("zendesk, queue Orders, ")
    assert outcome.detail.endswith(": 60 loaded where none were expected.")


def test_none_loaded_of_none_expected_passes(build):
    (outcome,) = covered(
        build(
            "update marts.coverage_judged set expected = 0, loaded = 0, coverage = 1 where slice = 'Orders'"
        )
    )
    assert outcome.passed


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

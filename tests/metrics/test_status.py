"""The status machine: what a metric is follows from facts, and nothing can be typed active."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.contract import FIVE, Promise
from contracts.status import Facts, Validation, standing

TODAY = date(2026, 9, 30)
CONFIRMED = Validation(30, 30, True, "30 of 30 conversations confirmed, at least 90%")
SOUND = Facts(owner="Support", has_values=True, coverage=0.999, validation=CONFIRMED)


def status(**changed) -> str:
    return standing(dataclasses.replace(SOUND, **changed), TODAY).status


def test_a_metric_that_passes_its_gate_with_all_five_ds_is_active_and_owes_no_reason():
    assert (standing(SOUND, TODAY).status, standing(SOUND, TODAY).reasons) == ("active", ())


def test_one_validated_by_a_simulated_reviewer_says_so_although_active():
    simulated = dataclasses.replace(
        CONFIRMED, is_simulated=True, told="30 of 30 by a simulated reviewer"
    )
    found = standing(dataclasses.replace(SOUND, validation=simulated), TODAY)
    assert (found.status, found.reasons) == ("active", ("30 of 30 by a simulated reviewer",))


@pytest.mark.parametrize(
    ("coverage", "expected"),
    [
        (0.95, "draft"),
        (0.9500001, "active"),
        (1.0, "active"),
        (1.0001, "draft"),
        (None, "draft"),
        (0.0, "draft"),
    ],
)
def test_the_launch_gate_wants_coverage_above_its_bound_and_exactly_on_it_fails(coverage, expected):
    assert status(coverage=coverage) == expected


@pytest.mark.parametrize(
    "lost",
    [
        {"owner": None},
        {"validation": None},
        {"validation": dataclasses.replace(CONFIRMED, passed=None, told="3 of 30 are confirmed")},
        {"coverage": 0.9},
        {"coverage": None},
        {"has_values": False},
    ],
    ids=lambda lost: next(iter(lost)),
)
def test_what_keeps_a_draft_from_its_launch_makes_a_launched_metric_provisional(lost):
    assert status(**lost) == "draft"
    assert status(**lost, launched_on=date(2026, 1, 1)) == "provisional"
    assert standing(dataclasses.replace(SOUND, **lost), TODAY).reasons


def test_one_missing_d_is_provisional_at_best_and_two_are_a_draft_even_after_a_launch():
    assert status(missing=("drift_controls",)) == "provisional"
    assert status(missing=("drift_controls", "data")) == "draft"
    assert status(missing=("drift_controls", "data"), launched_on=date(2026, 1, 1)) == "draft"


def test_a_sample_found_wrong_keeps_a_draft_a_draft_and_withholds_what_was_launched():
    wrong = dataclasses.replace(
        CONFIRMED, passed=False, told="12 of 30 conversations confirmed, below 90%"
    )
    assert status(validation=wrong) == "draft"
    assert status(validation=wrong, launched_on=date(2026, 1, 1)) == "withheld"


def test_what_cannot_be_counted_is_withheld_with_every_reason():
    found = standing(dataclasses.replace(SOUND, problems=("a",), faults=("b", "c")), TODAY)
    assert (found.status, found.reasons) == ("withheld", ("a", "b", "c"))


def test_a_contract_ends_a_metric_from_its_day_on_and_not_before():
    assert status(retired_on=date(2026, 9, 30)) == "retired"
    assert status(retired_on=date(2026, 10, 1)) == "active"


def test_a_clause_that_does_not_hold_makes_a_launched_metric_provisional_and_is_its_reason():
    found = standing(dataclasses.replace(SOUND, clauses=("driver mix moved by 0.31",)), TODAY)
    assert (found.status, found.reasons) == ("provisional", ("driver mix moved by 0.31",))


def test_no_contract_can_say_what_it_stands_as():
    assert "status" not in Promise.model_fields


facts = st.builds(
    Facts,
    problems=st.sampled_from([(), ("unreadable",)]),
    faults=st.sampled_from([(), ("a unit twice",)]),
    missing=st.lists(st.sampled_from(FIVE), unique=True).map(tuple),
    owner=st.sampled_from([None, "Support"]),
    has_values=st.booleans(),
    coverage=st.sampled_from([None, 0.0, 0.94, 0.95, 0.951, 1.0, 1.1]),
    validation=st.sampled_from(
        [
            None,
            CONFIRMED,
            *(dataclasses.replace(CONFIRMED, passed=each, told="told") for each in (None, False)),
        ]
    ),
    launched_on=st.sampled_from([None, date(2026, 1, 1)]),
    retired_on=st.sampled_from([None, date(2026, 9, 1), date(2027, 1, 1)]),
    clauses=st.sampled_from([(), ("a clause",)]),
)


@given(facts)
def test_active_means_that_nothing_speaks_against_it_and_all_else_says_why(facts):
    found = standing(facts, TODAY)
    if found.status == "active":
        assert not facts.problems + facts.faults + facts.missing + facts.clauses
        assert facts.owner
        assert facts.has_values
        assert 0.95 < facts.coverage <= 1
        assert facts.validation.passed
    else:
        assert found.reasons


@given(facts, st.sampled_from(["owner", "validation", "coverage"]))
def test_losing_a_fact_never_makes_a_metric_stand_better(facts, lost):
    order = ["retired", "withheld", "draft", "provisional", "active"]
    before = standing(facts, TODAY).status
    after = standing(dataclasses.replace(facts, **{lost: None}), TODAY).status
    # a sample found wrong is worse than none: it withholds, and taking it away leaves the lesser fault
    if not (lost == "validation" and before == "withheld"):
        assert order.index(after) <= order.index(before)

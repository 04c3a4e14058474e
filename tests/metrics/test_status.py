"""The status machine: what a metric is follows from facts, and nothing can be typed active."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.contract import FIVE, Promise
from contracts.status import Facts, Judged, standing

TODAY = date(2026, 9, 30)
COVERED = Judged("coverage", True, "coverage of the last complete period is 99.90%, above 95.00%")
CONFIRMED = Judged("validation", True, "30 of 30 conversations confirmed, at least 90%")
SOUND = Facts(owner="Support", judged=(COVERED, CONFIRMED))


def judged(*more: Judged, without: str = "") -> tuple[Judged, ...]:
    """What speaks for a sound metric, but for one clause, and more."""
    return (*(each for each in SOUND.judged if each.clause != without), *more)


def not_(clause: str, passed: bool | None, **facts) -> tuple[Judged, ...]:
    return judged(Judged(clause, passed, f"{clause} is {passed}", **facts), without=clause)


def status(**changed) -> str:
    return standing(dataclasses.replace(SOUND, **changed), TODAY).status


def test_a_metric_that_passes_its_gate_with_all_five_ds_is_active_and_owes_no_reason():
    assert (standing(SOUND, TODAY).status, standing(SOUND, TODAY).reasons) == ("active", ())


def test_one_validated_by_a_simulated_reviewer_says_so_although_active():
    found = standing(
        dataclasses.replace(SOUND, simulated="30 of 30 by a simulated reviewer"), TODAY
    )
    assert (found.status, found.reasons) == ("active", ("30 of 30 by a simulated reviewer",))


@pytest.mark.parametrize(
    "lost",
    [
        {"owner": None},
        {"judged": judged(without="validation")},
        {"judged": judged(without="coverage")},
        {"judged": not_("validation", None)},
        {"judged": not_("coverage", False)},
        {"judged": not_("coverage", None)},
    ],
    ids=[
        "owner",
        "no sample",
        "no coverage",
        "few labels",
        "low coverage",
        "coverage not measured",
    ],
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
    wrong = not_("validation", False)
    assert status(judged=wrong) == "draft"
    assert status(judged=wrong, launched_on=date(2026, 1, 1)) == "withheld"


def test_what_cannot_be_counted_is_withheld_with_every_reason():
    found = standing(dataclasses.replace(SOUND, problems=("a",), faults=("b", "c")), TODAY)
    assert (found.status, found.reasons) == ("withheld", ("a", "b", "c"))


def test_a_contract_ends_a_metric_from_its_day_on_and_not_before():
    assert status(retired_on=date(2026, 9, 30)) == "retired"
    assert status(retired_on=date(2026, 10, 1)) == "active"


def test_a_clause_that_does_not_hold_makes_a_launched_metric_provisional_and_is_its_reason():
    drifted = Judged("drift", False, "driver mix moved by 0.31")
    found = standing(dataclasses.replace(SOUND, judged=judged(drifted, drifted)), TODAY)
    assert (found.status, found.reasons) == ("provisional", ("driver mix moved by 0.31",))


def test_what_could_not_be_judged_is_not_fine_unless_there_was_nothing_to_judge():
    assert status(judged=not_("drift", None)) == "provisional"
    assert status(judged=not_("drift", None, is_allowed=True)) == "active"


def test_a_table_that_never_came_holds_a_launch_back_and_one_of_which_nothing_came_since_does_not():
    never = Judged("source fields", None, "zendesk.audits never came")
    silent = Judged("source fields", None, "nothing came since its launch", is_allowed=True)
    new = dataclasses.replace(SOUND, launched_on=None)
    found = standing(dataclasses.replace(new, judged=judged(never)), TODAY)
    assert (found.status, found.reasons) == ("draft", ("zendesk.audits never came",))
    assert status(launched_on=None, judged=judged(silent)) == "active"
    assert status(launched_on=TODAY, judged=judged(never)) == "provisional"


def test_a_stale_metric_stands_as_it_stood_and_says_so():
    stale = Judged("freshness", False, "stale: its last week ended in spring")
    found = standing(dataclasses.replace(SOUND, judged=judged(stale)), TODAY)
    assert (found.status, found.reasons) == ("active", ("stale: its last week ended in spring",))


def test_no_contract_can_say_what_it_stands_as():
    assert "status" not in Promise.model_fields


clauses = st.builds(
    Judged,
    clause=st.sampled_from(["coverage", "validation", "drift", "source fields", "freshness"]),
    passed=st.sampled_from([True, False, None]),
    told=st.just("told"),
    is_allowed=st.booleans(),
)
facts = st.builds(
    Facts,
    problems=st.sampled_from([(), ("unreadable",)]),
    faults=st.sampled_from([(), ("a unit twice",)]),
    missing=st.lists(st.sampled_from(FIVE), unique=True).map(tuple),
    owner=st.sampled_from([None, "Support"]),
    judged=st.lists(clauses, max_size=5, unique_by=lambda each: each.clause).map(tuple),
    launched_on=st.sampled_from([None, date(2026, 1, 1)]),
    retired_on=st.sampled_from([None, date(2026, 9, 1), date(2027, 1, 1)]),
)


@given(facts)
def test_active_means_that_nothing_speaks_against_it_and_all_else_says_why(facts):
    found = standing(facts, TODAY)
    by_clause = {each.clause: each for each in facts.judged}
    if found.status == "active":
        assert not facts.problems + facts.faults + facts.missing
        assert facts.owner
        for clause in ("coverage", "validation"):
            assert by_clause[clause].passed
        for clause in ("drift", "source fields"):
            assert clause not in by_clause or not by_clause[clause].speaks_against
    else:
        assert found.reasons


@given(facts, st.integers(0, 4))
def test_a_clause_that_fails_never_makes_a_metric_stand_better(facts, place):
    order = ["retired", "withheld", "draft", "provisional", "active"]
    if place < len(facts.judged):
        failing = dataclasses.replace(facts.judged[place], passed=False)
        worse = [failing if at == place else each for at, each in enumerate(facts.judged)]
        before = standing(facts, TODAY).status
        after = standing(dataclasses.replace(facts, judged=tuple(worse)), TODAY).status
        assert order.index(after) <= order.index(before)


@given(facts)
def test_without_an_owner_no_metric_stands_better(facts):
    order = ["retired", "withheld", "draft", "provisional", "active"]
    alone = standing(dataclasses.replace(facts, owner=None), TODAY).status
    assert order.index(alone) <= order.index(standing(facts, TODAY).status)

"""What a hostile reader says of a contract, and the waivers people answer for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from contract_world import contract, metric, read

from contracts.lints import LINTS, Facts, Finding, lint

TODAY = date(2026, 11, 23)


def findings(*metrics: dict[str, Any], facts: Facts | None = None) -> list[Finding]:
    found = read(*metrics)
    assert not found.problems
    return lint(found.contracts, TODAY, facts)


def of_one(facts: Facts | None = None, **changed: Any) -> list[tuple[str, str]]:
    """Name and severity of what is found in one changed contract."""
    found = findings(metric(written=contract(**changed)), facts=facts)
    return [(each.lint, each.severity) for each in found]


def speed(name: str, **changed: Any) -> dict[str, Any]:
    written = {
        "title": f"First reply time of {name}",
        "definition__value": "median",
        "definition__unit": "minutes",
        "definition__outputs": ["number"],
    } | changed
    return metric(name, contract(**written))


def test_a_good_contract_leaves_nothing_to_say():
    assert of_one() == []


@pytest.mark.parametrize(
    ("changed", "lint_found"),
    [
        ({"definition__unit": "TBD"}, ("no_unit", "error")),
        ({"definition__unit": " "}, ("no_unit", "error")),
        ({"definition__window": "tbd."}, ("no_window", "error")),
        ({"definition__window": "All conversations."}, ("no_window", "error")),
        ({"definition__question": "To be decided"}, ("not_written", "error")),
        ({"rollback": "TODO"}, ("not_written", "error")),
        ({"actions": []}, ("active_without_actions", "error")),
        ({"definition__cadence": "month"}, ("slow_cadence", "warning")),
        ({"definition_minutes": 11}, ("slow_definition", "warning")),
        ({"title": "TBD"}, ("not_written", "error")),
        ({"escalation__direction": "below"}, ("backward_escalation", "warning")),
        (
            {"title": "Negative sentiment share", "decision_use__allowed": ["triage"],
             "definition__cadence": "day"},
            ("generic_score", "warning"),
        ),
        ({"definition__indicator": "lagging"}, ("only_lagging", "warning")),
        ({"data__coverage": {"above": 1}}, ("unreachable_bound", "error")),
        ({"escalation__threshold": 1}, ("unreachable_bound", "error")),
        (
            {"escalation__threshold": 0, "escalation__direction": "below", "definition__direction": "up"},
            ("unreachable_bound", "error"),
        ),
    ],
)  # fmt: skip
def test_a_weak_spot_is_found_by_its_lint_alone(changed, lint_found):
    assert of_one(**changed) == [lint_found]


@pytest.mark.parametrize(
    "changed",
    [
        {"definition__excluded": "None."},
        {"definition_minutes": 10},
        {"definition__window": "The invoice cycle it belongs to."},
        {"title": "Sentiment about billing", "decision_use__allowed": ["triage"],
         "definition__cadence": "day"},
        {"title": "Negative sentiment share"},
        {"actions": [], "drill_down": None},
    ],
)  # fmt: skip
def test_what_is_well_said_is_left_alone(changed):
    assert of_one(**changed) == []


def test_a_sentence_names_the_key_what_was_written_and_what_to_write():
    (found,) = findings(metric(written=contract(definition__unit="TBD")))
    assert found == Finding(
        lint="no_unit",
        severity="error",
        metric="high_effort_onboarding_share",
        file="models/metrics/high_effort_onboarding_share.yml",
        sentence="high_effort_onboarding_share.metric_contract.definition.unit is TBD: write what one of the "
        "value is, as in minutes. A number without a unit is read in whichever unit suits the reader.",
    )


def test_a_metric_of_speed_wants_one_of_quality_beside_it():
    quality = metric("quality", contract(title="Answers that helped"))
    alone = speed("alone")
    beside_speed = speed("pair", decision_use__guardrail="alone")
    guarded = speed("guarded", decision_use__guardrail="quality")
    found = findings(quality, alone, beside_speed, guarded)
    assert {(each.metric, each.lint) for each in found} == {
        ("alone", "no_guardrail"),
        ("pair", "no_guardrail"),
    }


def test_keeping_to_a_time_is_speed_whatever_its_unit():
    assert of_one(title="SLA compliance") == [("no_guardrail", "warning")]


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("Reopen rate", "Reopens share", True),
        ("Customer effort onboarding", "Customer effort on boarding", True),
        (
            "Minutes until the first reply arrives, p90",
            "Minutes until the first reply arrives, p95",
            False,
        ),
        ("Refund friction", "Setup confusion", False),
    ],
)
def test_names_that_hardly_differ_across_teams_are_found(one, other, near):
    mine = metric("one", contract(title=one))
    theirs = metric("other", contract(title=other), group="support")
    found = [each.lint for each in findings(mine, theirs)]
    assert found == (["near_duplicate_name"] if near else [])
    same_team = metric("other", contract(title=other))
    assert findings(mine, same_team) == []


def test_an_owner_of_nine_metrics_has_too_many_and_of_eight_has_not():
    letters = [
        "aardvark",
        "badger",
        "cormorant",
        "dolphin",
        "eagle",
        "falcon",
        "gecko",
        "heron",
        "ibis",
    ]
    nine = [metric(name, contract(title=name)) for name in letters]
    assert [each.lint for each in findings(*nine)] == ["too_many_metrics"]
    assert findings(*nine[:8]) == []


def test_states_found_are_those_declared():
    facts = Facts(states={"high_effort_onboarding_share": frozenset({"high", "low", "unknown"})})
    assert of_one(facts) == [("undeclared_state", "error"), ("unseen_state", "note")]


def test_tags_made_by_hand_are_believed_up_to_five_hundred_a_month():
    name = "high_effort_onboarding_share"
    few, many = (Facts(monthly_conversations={name: count}) for count in (500, 501))
    least = {"drift_controls__min_conversations": 10}
    assert of_one(few, manual_tagging=True, **least) == []
    assert of_one(many, manual_tagging=True, **least) == [("manual_tagging", "warning")]
    assert of_one(many, **least) == []


def test_drift_that_no_period_has_conversations_enough_for_is_told():
    name = "high_effort_onboarding_share"
    # a week has 7 of 30.4 days
    few, enough = (Facts(monthly_conversations={name: count}) for count in (860, 880))
    assert of_one(few) == [("unmeasurable_drift", "note")]
    assert of_one(enough) == []
    assert of_one(few, drift_controls__min_conversations=190) == []


def test_a_metric_must_be_cut_by_something():
    name = "high_effort_onboarding_share"
    one_each = Facts(members={name: {"channel": 1, "segment": 0, "complexity": 1}})
    two = Facts(members={name: {"channel": 1, "segment": 2}})
    assert of_one(one_each) == [("no_segment_dimension", "warning")]
    assert of_one(two) == []


WAIVER = {"lint": "no_unit", "reason": "Agreed with finance."}


@pytest.mark.parametrize(
    ("waiver", "left"),
    [
        ({**WAIVER, "until": "2026-11-23"}, []),
        ({**WAIVER, "until": "2026-11-22"}, ["no_unit", "expired_waiver"]),
        ({**WAIVER, "lint": "no_window", "until": "2027-01-01"}, ["no_unit"]),
        ({**WAIVER, "lint": "no_units", "until": "2027-01-01"}, ["no_unit", "unknown_waiver"]),
    ],
)
def test_a_waiver_holds_for_its_lint_until_its_day(waiver, left):
    assert [name for name, _ in of_one(definition__unit="TBD", waivers=[waiver])] == left


def test_a_finding_of_a_team_is_waived_by_any_of_its_metrics():
    waiver = {"lint": "only_lagging", "reason": "Starts in spring.", "until": "2027-03-31"}
    lagging = {"definition__indicator": "lagging"}
    one = metric("one", contract(title="Ibis", **lagging))
    other = metric("other", contract(title="Heron", waivers=[waiver], **lagging))
    assert findings(one, other) == []
    assert [each.lint for each in findings(one)] == ["only_lagging"]


def test_a_retired_metric_is_not_read():
    gone = {"since": "2026-11-01", "reason": "Nobody decided by it."}
    assert of_one(definition__unit="TBD", retired=gone) == []


def test_every_lint_has_a_message_and_a_name_of_its_own():
    assert all(each.message().endswith(".") for each in LINTS)
    assert len({each.name() for each in LINTS}) == len(LINTS)

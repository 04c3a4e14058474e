"""The audit tells what drifted, of which metric, since when; what was announced is a note."""

from __future__ import annotations

import pytest
from drift_world import CONTROLS, Counts, steady

from contracts.contract import Contract
from expectations.runner import judge
from expectations.suites.drift import announced_drift, drift


def contract(metric: str = "m", **changed) -> Contract:
    return Contract.model_validate(
        {
            "metric": metric, "version": "1.0.0", "title": metric, "description": "", "group": "support",
            "owner": {"name": "Support Operations", "email": "s@example.com"}, "file": f"{metric}.yml",
            "columns": {}, "rollback": "none", "escalation": {
                "threshold": 0.5, "direction": "above", "periods": 2, "hours": 24,
            },
            "drift_controls": CONTROLS.model_dump(mode="json"),
        } | changed
    )  # fmt: skip


@pytest.fixture
def judged(tmp_path):
    """What the audit says of counts, by the suites of two metrics and the one of announced changes."""

    def of(counts: Counts) -> list:
        file = tmp_path / "build.duckdb"
        connection = counts.drifted()
        connection.execute(f"attach '{file}' as build")
        connection.execute("create schema build.counted")
        connection.execute("create table build.counted.metric_drift as from drifted")
        connection.close()
        return judge(file, [drift([contract(), contract("other")]), announced_drift()])

    return of


def drifting(counts: Counts | None = None) -> Counts:
    """`m` doubles one driver; `other` stays as it is."""
    counts = counts or Counts()
    for number in range(7):
        grown = 1500 if number > 5 else 500
        counts.period("m", number, driver={"billing": (90, grown), "access": (150, 1500)})
        counts.period("other", number, driver={"billing": (90, 500), "access": (150, 1500)})
    return counts


def test_a_drift_says_what_moved_since_when_and_what_it_did_to_the_metric(judged):
    *of_m, of_other, announced = judged(drifting())
    assert {(each.metric, each.version, each.passed) for each in of_m} == {("m", "1.0.0", False)}
    (shift,) = [each for each in of_m if "is allowed" in each.detail]
    assert shift.detail.startswith(
        "period from 2026-02-16: driver billing went from 25.0% to 50.0%, access the other way, by 25.0% where "
        "3.0% is allowed since 2026-02-16. The mix alone moved the value by "
    )
    assert (shift.slice, shift.severity, shift.measured) == ("driver=billing", "warning", 0.25)
    assert any(
        "the mix by driver has an index of 0.27, above 0.2: driver billing" in each.detail
        for each in of_m
    )
    assert (of_other.passed, of_other.metric) == (True, "other")
    assert not announced.is_measured


def test_an_announced_drift_is_told_as_a_note_and_not_of_the_metric(judged):
    counts = drifting()
    counts.announced = [("2026-02-09", "m", "the new checkout")]
    of_m, of_other, *announced = judged(counts)
    assert (of_m.passed, of_other.passed) == (True, True)
    assert {(each.severity, each.metric, each.passed) for each in announced} == {
        ("note", "m", False)
    }
    assert all(each.detail.endswith("Announced: the new checkout.") for each in announced)


def test_a_short_history_is_not_measured_and_not_passed(judged):
    counts = steady(3, driver={"billing": 500})
    of_m, of_other, _ = judged(counts)
    assert (of_m.is_measured, of_m.passed, of_m.blocks) == (False, None, False)
    assert "too short a history" in of_m.detail
    assert not of_other.is_measured


def test_what_cannot_be_measured_beside_what_can_is_counted_and_fails_nothing(judged):
    counts = steady(6, driver={"billing": 1000}, segment={"unknown": 1000})
    of_m, *_ = judged(counts)
    assert of_m.passed
    assert "nothing beyond its bound" in of_m.detail


def test_a_metric_without_drift_controls_is_held_to_no_bound():
    suite = drift([contract(), contract("free", drift_controls=None)])
    assert [each.metric for each in suite.held] == ["m"]

"""The score of a contract: kept by kind, the last one alone, told in a sentence, and demanded by a launch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from contracts.contract import Contract, Strength
from contracts.status import Facts, Judged, standing
from expectations.outcome import Outcome
from expectations.runner import judge
from expectations.suites.strength import strength
from orchestration.ledger import METRIC_STRENGTHS, Ledger
from orchestration.metrics import strengths
from orchestration.mutation.drawing import KINDS
from orchestration.mutation.harm import CLASSES, Harm
from orchestration.mutation.planting import Found
from orchestration.mutation.strength import verdicts
from orchestration.mutation.verdict import Verdict
from orchestration.rows import append
from orchestration.warehouse import read_metric_contracts

METRIC = "reopen_rate"


@pytest.fixture(scope="module")
def contract() -> Contract:
    (found,) = [each for each in read_metric_contracts().contracts if each.metric == METRIC]
    return found


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.duckdb") as opened:
        yield opened


def verdict(kind: str, place: str, noticed_by: str | None) -> Verdict:
    return Verdict(METRIC, "1.0.0", kind, place, noticed_by, "it is said so")


FIRST = [
    verdict("lost day", "2026-03-01", "coverage"),
    verdict("lost day", "2026-03-02", None),
    verdict("blank quotes", "driver billing", "evidence"),
]


def test_no_score_is_told_of_what_was_never_measured(ledger, contract):
    assert strengths.sentence(ledger.connection, contract) is None


def test_every_kind_of_harm_is_of_one_class():
    assert sorted(sum(CLASSES.values(), ())) == sorted(KINDS)


def test_a_score_is_told_by_class_and_the_last_one_counts(ledger, contract):
    strengths.record(ledger, FIRST, seed=1, build="b1")
    assert strengths.sentence(ledger.connection, contract) == (
        "2 of 3 harms noticed: records 1/2, evidence 1/1"
    )
    (_, _, kind, planted, noticed, survivors, *_) = strengths.read(ledger.connection)[1]
    assert (kind, planted, noticed) == ("lost day", 2, 1)
    assert survivors == ["2026-03-02: it is said so"]
    strengths.record(ledger, FIRST[:1], seed=2, build="b2")
    assert strengths.sentence(ledger.connection, contract) == ("1 of 1 harms noticed: records 1/1")


def test_the_score_of_another_version_says_nothing(ledger, contract):
    strengths.record(ledger, FIRST, seed=1, build="b1")
    other = contract.model_copy(update={"version": "2.0.0"})
    assert strengths.sentence(ledger.connection, other) is None


@pytest.fixture
def judged(ledger, contract, tmp_path):
    """How a contract that demands a share is judged after these verdicts."""

    def judged(found: list[Verdict], noticed: float, planted: int = 3) -> Outcome:
        strengths.record(ledger, found, seed=1, build="b1")
        database = tmp_path / "candidate.duckdb"
        with duckdb.connect(str(database)) as build:
            build.execute(
                f"create schema marts; create table marts.metric_strengths ({METRIC_STRENGTHS})"
            )
            append(build, "marts.metric_strengths", strengths.read(ledger.connection))
        demanding = contract.model_copy(
            update={"strength": Strength(noticed=noticed, planted=planted)}
        )
        (outcome,) = judge(database, [strength([demanding])])
        return outcome

    return judged


@pytest.mark.parametrize(("noticed", "passed"), [(0.6, True), (2 / 3, True), (0.67, False)])
def test_the_share_that_is_demanded_must_be_reached(judged, noticed, passed):
    outcome = judged(FIRST, noticed)
    assert (outcome.passed, outcome.metric, round(outcome.measured, 3)) == (passed, METRIC, 0.667)
    assert outcome.detail == (
        "2 of 3 planted harms noticed by its own checks; some survived of lost day"
    )


def test_a_demand_that_was_never_measured_is_not_met(judged):
    outcome = judged([], 0.5)
    assert (outcome.is_measured, outcome.passed, outcome.is_allowed) == (False, None, False)
    assert outcome.detail == "no harm was planted into this version"


def test_a_share_of_fewer_harms_than_are_asked_for_says_nothing(judged):
    outcome = judged(FIRST, 0.5, planted=4)
    assert (outcome.is_measured, outcome.passed) == (False, None)
    assert outcome.detail == "only 3 harms were planted, and 4 are asked for"


def test_a_contract_that_demands_nothing_is_not_judged(contract):
    assert contract.strength is None
    assert strength([contract]).held == ()


SOUND = (Judged("coverage", True, "covered"), Judged("validation", True, "validated"))


@pytest.mark.parametrize(
    ("passed", "status"), [(True, "active"), (False, "draft"), (None, "draft")]
)
def test_a_demanded_score_holds_back_a_launch(passed, status):
    facts = Facts(owner="Support", judged=(*SOUND, Judged("strength", passed, "2 of 3 noticed")))
    found = standing(facts, date(2026, 3, 1))
    assert found.status == status
    assert ("2 of 3 noticed" in found.reasons) == (status == "draft")


LOST = Harm(
    "lost language", "language de", "data.coverage", ("language=de", "language de"), "records"
)


@pytest.mark.parametrize(
    ("slice_", "detail", "is_noticed"),
    [
        ("language=de", "nothing came", True),
        ("all", "nothing came of language de from 2026-03-02, of 20 expected", True),
        ("language=den", "nothing came of language den", False),
        ("all", "under all else, the index is 0.3", False),
    ],
)
def test_a_place_is_named_by_whole_words(contract, slice_, detail, is_noticed):
    outcome = Outcome(
        suite="coverage_of_metrics", clause="coverage", severity="warning", relation="r", is_measured=True,
        passed=False, detail=detail, remedy="", blocks=False, metric=METRIC, version="1.0.0", slice=slice_,
    )  # fmt: skip
    (found,) = verdicts([contract], LOST, [], Found([outcome], frozenset([METRIC])))
    assert found.noticed_by == ("coverage" if is_noticed else None)
    checks = frozenset({"drift"})
    (elsewhere,) = verdicts(
        [contract], replace(LOST, checks=checks), [], Found([outcome], frozenset([METRIC]))
    )
    assert elsewhere.noticed_by is None
    # what was said of the sound copy too is no notice
    (again,) = verdicts([contract], LOST, [outcome], Found([outcome], frozenset([METRIC])))
    assert again.noticed_by is None

"""Validation of metrics: whether people agree with what a metric counts, for the version that counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from contracts.contract import ConfirmedSample, Contract, LabelledSample
from expectations.suite import RULES_OUT_SILENCE, Held, Row, Suite
from expectations.suites.of_metrics import held, of_metrics, promised

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

RELATION = "counted.metric_validations"

FACTS = (
    "labels", "lapsed", "needed", "given", "agreed", "precision", "kappa", "confirmed", "is_simulated",
)  # fmt: skip

MEASUREMENT = """\
select
    promised.metric,
    promised.version,
    null::date as period_start,
    'floor' as slice_kind,
    promised.floor as slice,
    case promised.floor
        when 'precision' then precision
        -- one that is not defined is below every floor
        when 'kappa' then if(labels is null, null, coalesce(kappa, -1))
        else confirmed
    end as measured,
    promised.bound,
    -- a precision rests on the labels of what was answered so
    if(promised.floor = 'precision', given, labels) as holding,
    {facts}

from {promised}
left join {relation} as found
    on promised.metric = found.metric and promised.version = found.version
order by promised.metric
"""


def validation(contracts: Sequence[Contract]) -> Suite:
    """
    Enough labels that still hold, and no floor of the contract missed, of those that ask for a sample.

    Of fewer labels nothing is measured; an agreement that is not defined is below its floor.
    """
    clauses = {
        each.metric: each.drill_down.validation
        for each in contracts
        if each.drill_down and each.drill_down.validation
    }
    asking = [each for each in contracts if each.metric in clauses]
    rows = [
        (each.metric, each.version, floor, bound)
        for each in asking
        for floor, bound in _floors(clauses[each.metric])
    ]
    return of_metrics(
        "validation",
        [_held(each, clauses[each.metric]) for each in asking],
        "at least",
        ("holding", *FACTS),
        also=[_enough],
        relation=RELATION,
        measurement=MEASUREMENT.format(
            promised=promised("metric, version, floor, bound", rows),
            relation=RELATION,
            facts=", ".join(FACTS),
        ),
        when_silent="no sample is validated for this version",
        tell=lambda row: sentence(row, clauses[row["metric"]]),
    )


def _held(contract: Contract, clause: LabelledSample | ConfirmedSample) -> Held:
    floors = _floors(clause)
    words = ", ".join(f"{floor} at least {bound:g}" for floor, bound in floors)
    sampled = getattr(clause, "signal", contract.metric)
    remedy = f"Have people read its sample: assay validate sample {sampled}"
    return held(contract, f"{labels_needed(clause)} labels, {words}", floors[0][1], remedy)


STANDING = 2 / 3
"""Of the labels a version was launched with so many must still hold: conversations go on, and what was read of
them lapses day by day, which says nothing against the rest."""


def labels_needed(clause: LabelledSample | ConfirmedSample, is_launched: bool = False) -> int:
    """How many labels must hold for a launch, and of a version that was launched."""
    asked = clause.sample if isinstance(clause, ConfirmedSample) else clause.labels
    return math.ceil(asked * STANDING) if is_launched else asked


def _floors(clause: LabelledSample | ConfirmedSample) -> list[tuple[str, float]]:
    if isinstance(clause, ConfirmedSample):
        return [("confirmed", clause.confirmed)]
    named = [("precision", clause.precision), ("kappa", clause.kappa)]
    return [(floor, bound) for floor, bound in named if bound is not None]


def _enough() -> Expectation:
    from great_expectations import expectations as gxe

    return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A="holding",
        column_B="needed",
        or_equal=True,
        ignore_row_if="either_value_is_missing",
        meta=RULES_OUT_SILENCE,
        description="as many labels hold as every contract asks for",
    )


def sentence(row: Row, clause: LabelledSample | ConfirmedSample) -> str:
    """What was found, with the floors it is held against."""
    if row["labels"] is None:
        return "no sample is validated for this version"
    if isinstance(clause, ConfirmedSample):
        return _of_sample(row, clause)
    by_whom = f"{'simulated ' if row['is_simulated'] else ''}labels of {clause.signal}"
    labels, needed = row["labels"], row["needed"]
    if labels < needed:
        return f"{labels:,.0f} of {needed:,.0f} {by_whom} are recorded of conversations it counts"
    if clause.precision is not None and row["given"] < needed:
        return (
            f"{row['given']:,.0f} of {needed:,.0f} {by_whom} are of those answered {clause.value}"
        )
    against = [_against(row, clause, *floor) for floor in _floors(clause)]
    failing = [said for said, holds in against if not holds]
    return f"{labels:,.0f} {by_whom}: {'; '.join(failing or [said for said, _ in against])}"


def _against(row: Row, clause: LabelledSample, floor: str, bound: float) -> tuple[str, bool]:
    measured = row[floor]
    holds = measured is not None and measured >= bound
    if floor == "precision":
        agreed = f"{row['agreed']:,.0f} of {row['given']:,.0f}"
        said = f"precision of {clause.value} is {measured:.2f} ({agreed})"
    else:
        said = f"κ is {'not defined' if measured is None else f'{measured:.2f}'}"
    return f"{said}, {'at least' if holds else 'below'} {bound:.2f}", holds


def _of_sample(row: Row, clause: ConfirmedSample) -> str:
    labels = row["labels"]
    if labels < row["needed"]:
        lapsed = f", {row['lapsed']:,.0f} more have changed since" if row["lapsed"] else ""
        of_needed = f"{labels:,.0f} of {row['needed']:,.0f} conversations"
        return f"{of_needed} are confirmed for this version{lapsed}"
    by_whom = " by a simulated reviewer" if row["is_simulated"] else ""
    holds = "at least" if row["confirmed"] >= clause.confirmed else "below"
    agreed = f"{row['agreed']:,.0f} of {row['given']:,.0f} conversations confirmed"
    return f"{agreed}{by_whom}, {holds} {clause.confirmed:.0%}"

"""A clause of every metric's contract as one suite: what is measured stands beside the bound it is held to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from contracts.contract import Contract
from expectations.suite import RULES_OUT_SILENCE, Held, Suite, literal

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

Bound = Literal["above", "at least", "at most"]

KEYS = ("metric", "version", "period_start", "slice_kind", "slice", "measured", "bound")
"""Columns of every measurement; where nothing was measured the last but one is null."""


def held(contract: Contract, bound: str, limit: float | None, remedy: str) -> Held:
    """A metric as it is held to a clause."""
    return Held(
        contract.metric, contract.version, contract.owner.name, bound, limit, remedy, contract.file
    )


def promised(columns: str, rows: Sequence[tuple[object, ...]]) -> str:
    """Bounds as contracts have them, as a relation `promised`; its first columns are metric and version."""
    listed = ",\n".join(f"    ({', '.join(map(_literal, row))})" for row in rows)
    return f"(values\n{listed}\n) as promised ({columns})"


def _literal(value: object) -> str:
    if value is None:
        return "null"
    return f"{float(value)}::double" if isinstance(value, int | float) else literal(str(value))


def of_metrics(
    clause: str,
    metrics: Sequence[Held],
    bound: Bound,
    keys: Sequence[str] = (),
    also: Sequence[Callable[[], Expectation]] = (),
    **facts: Any,
) -> Suite:
    """
    One clause of these metrics. It never blocks: what fails is said in the metric's status.

    `also` makes what is expected beside the bound.
    """
    return Suite(
        name=f"{clause.replace(' ', '_')}_of_metrics",
        clause=clause,
        severity="warning",
        keys=(*KEYS, *keys),
        held=tuple(metrics),
        expectations=lambda: [*_expectations(clause, bound), *(make() for make in also)],
        remedy="",
        **facts,
    )


def _expectations(clause: str, bound: Bound) -> list[Expectation]:
    """What is measured of every metric, and stands on the right side of its bound."""
    from great_expectations import expectations as gxe

    larger, smaller = ("bound", "measured") if bound == "at most" else ("measured", "bound")
    return [
        gxe.ExpectColumnValuesToNotBeNull(
            column="measured",
            meta=RULES_OUT_SILENCE,
            description=f"{clause} is measured of every metric",
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A=larger,
            column_B=smaller,
            or_equal=bound != "above",
            ignore_row_if="either_value_is_missing",
            description=f"{clause} of every metric is {bound} its bound",
        ),
    ]

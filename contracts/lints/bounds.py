"""Lints of bounds that can never be met, passed or measured: clauses that look strict and hold nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contracts.contract import Contract
from contracts.lints.lint import Facts, Lint

A_MONTH: Mapping[str, float] = {
    "hour": 730,
    "day": 30.4,
    "week": 4.35,
    "month": 1,
    "quarter": 1 / 3,
}
"""Periods of each cadence in a month."""


class UnreachableBound(Lint):
    """A bound that nothing can reach is no bound."""

    severity = "error"

    def details(self, contract: Contract, facts: Facts) -> Iterator[str]:
        """A coverage that must be above all there is, or a threshold past the end of what its value can be."""
        if contract.data and contract.data.coverage.above >= 1:
            yield "data.coverage.above is 1, and coverage is to be above it and at most 1: write 0.99 or less."
        if contract.definition is None:
            return
        threshold, side = contract.escalation.threshold, contract.escalation.direction
        kind = contract.definition.value
        told = f"escalation.threshold is {threshold:g}, {side}, and a {kind} is at"
        if side == "above" and kind == "share" and threshold >= 1:
            yield f"{told} most 1: nothing opens a triage."
        if side == "below" and kind in ("share", "count") and threshold <= 0:
            yield f"{told} least 0: nothing opens a triage."


class UnmeasurableDrift(Lint):
    """Of a period with too few conversations drift is not measured, and that holds nothing against the metric."""

    severity = "note"

    def details(self, contract: Contract, facts: Facts) -> Iterator[str]:
        """More conversations asked of a period than one of the fullest month has."""
        count = facts.monthly_conversations.get(contract.metric)
        if count is None or contract.definition is None or contract.drift_controls is None:
            return
        cadence, least = contract.definition.cadence, contract.drift_controls.min_conversations
        if least > (found := count / A_MONTH[cadence]):
            yield (
                f"drift_controls.min_conversations is {least}, and a {cadence} brings {found:,.0f} at the most:"
                " ask for fewer, or for a slower cadence."
            )

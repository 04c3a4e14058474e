"""Contracts read by somebody who wishes them ill: every lint, and the waivers people answer for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from contracts.contract import Contract
from contracts.errors import did_you_mean
from contracts.lints.bounds import UnmeasurableDrift, UnreachableBound
from contracts.lints.lint import Facts, Finding, Lint, Objection
from contracts.lints.packs import OnlyLagging, TooManyMetrics
from contracts.lints.readings import (
    ActiveWithoutActions,
    BackwardEscalation,
    GenericScore,
    ManualTagging,
    NoGuardrail,
    NoSegmentDimension,
    SlowCadence,
    SlowDefinition,
    UndeclaredState,
    UnseenState,
)
from contracts.lints.wording import NearDuplicateName, NotWritten, NoUnit, NoWindow

__all__ = ["LINTS", "Facts", "Finding", "lint"]


class ExpiredWaiver(Lint):
    """A waiver ends on its day, and what it waived stands again."""

    def objections(
        self, contracts: Sequence[Contract], today: date, facts: Facts
    ) -> Iterator[Objection]:
        """A waiver whose last day is over."""
        for contract in contracts:
            for waiver in contract.waivers:
                if waiver.until < today:
                    where = f"{contract.metric}.metric_contract.waivers"
                    yield Objection(
                        [contract],
                        f"{where} holds {waiver.lint} until {waiver.until}: mend the cause, or renew it.",
                    )


class UnknownWaiver(Lint):
    """A waiver of nothing waives nothing."""

    severity = "error"

    def objections(
        self, contracts: Sequence[Contract], today: date, facts: Facts
    ) -> Iterator[Objection]:
        """A waiver that names no lint."""
        names = [each.name() for each in LINTS]
        for contract in contracts:
            for waiver in contract.waivers:
                if waiver.lint not in names:
                    where = f"{contract.metric}.metric_contract.waivers"
                    near = did_you_mean(waiver.lint, names)
                    yield Objection(
                        [contract], f"{where} names {waiver.lint}, which is no lint.{near}"
                    )


LINTS: tuple[type[Lint], ...] = (
    NoUnit,
    NoWindow,
    NotWritten,
    NearDuplicateName,
    NoSegmentDimension,
    UndeclaredState,
    UnseenState,
    GenericScore,
    NoGuardrail,
    SlowCadence,
    ActiveWithoutActions,
    BackwardEscalation,
    UnreachableBound,
    UnmeasurableDrift,
    ManualTagging,
    SlowDefinition,
    OnlyLagging,
    TooManyMetrics,
    ExpiredWaiver,
    UnknownWaiver,
)

UNWAIVABLE = (ExpiredWaiver, UnknownWaiver)
"""A waiver of waivers would have no end."""


def lint(contracts: Sequence[Contract], today: date, facts: Facts | None = None) -> list[Finding]:
    """Everything the lints find that is not waived today. Retired metrics are not read."""
    read = [each for each in contracts if each.retired is None or each.retired.since > today]
    return [
        Finding(
            lint=rule.name(),
            severity=rule.severity,
            metric=objection.contracts[0].metric,
            file=objection.contracts[0].file,
            sentence=f"{objection.detail} {rule.message()}",
        )
        for rule in LINTS
        for objection in rule().objections(read, today, facts or Facts())
        if rule in UNWAIVABLE or not _is_waived(rule, objection, today)
    ]


def _is_waived(rule: type[Lint], objection: Objection, today: date) -> bool:
    return any(
        waiver.lint == rule.name() and waiver.until >= today
        for contract in objection.contracts
        for waiver in contract.waivers
    )

"""Whether a metric may be shown, and why: computed from facts, never typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Status = Literal["active", "provisional", "draft", "withheld", "retired"]


@dataclass(frozen=True)
class Validation:
    """
    What people said of a metric's sample, or of the signal it rests on, that still holds for this version.

    `told` is a sentence for readers; `passed` is None while fewer than `needed` labels are there.
    """

    labels: int
    needed: int
    passed: bool | None
    told: str
    is_simulated: bool = False


@dataclass(frozen=True)
class Facts:
    """
    What the status of one version of a metric follows from.

    `problems` are those of its contract, `faults` those of its SQL and units; `missing` names the D's it lacks;
    `coverage` is that of its last complete period (null: not measured), which must be above `coverage_above`;
    `has_values` says that a period is complete at all; `launched_on` when this version first passed its gate;
    `clauses` are sentences of the audit on clauses that do not hold now.
    """

    problems: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    owner: str | None = None
    has_values: bool = False
    coverage: float | None = None
    coverage_above: float = 0.95
    validation: Validation | None = None
    launched_on: date | None = None
    retired_on: date | None = None
    retired_because: str | None = None
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standing:
    """A status, and the sentences it follows from: none for an active metric that people validated."""

    status: Status
    reasons: tuple[str, ...]

    @property
    def is_launched(self) -> bool:
        """Whether the launch gate is passed: from now on a fault makes the metric provisional, no draft."""
        return self.status in ("active", "provisional")


def standing(facts: Facts, today: date) -> Standing:
    """
    The status of a version of a metric.

    retired      its contract says so, from that day on
    withheld     it cannot be counted, or people found it wrong after its launch
    draft        two D's are missing, or it never passed its launch gate: coverage above the bound (equal fails),
                 a sample validated for this version, an owner with an address
    provisional  launched, but one D is missing, or something its launch rested on holds no longer
    active       everything holds
    """
    if facts.retired_on and facts.retired_on <= today:
        return Standing("retired", (facts.retired_because or "its contract retires it",))
    if broken := (*facts.problems, *facts.faults):
        return Standing("withheld", broken)
    lacking = _missing(facts.missing)
    gate = _gate(facts)
    if len(facts.missing) >= 2 or (gate and facts.launched_on is None):
        return Standing("draft", (*lacking, *gate))
    if facts.validation and facts.validation.passed is False:
        return Standing("withheld", (*gate, *lacking))
    if held_back := (*gate, *lacking, *facts.clauses):
        return Standing("provisional", held_back)
    return Standing("active", _said(facts.validation))


def _missing(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"its contract has no {name.replace('_', ' ')}" for name in names)


def _gate(facts: Facts) -> tuple[str, ...]:
    """What keeps a metric from its launch, a sentence each."""
    return (*_owner(facts), *_coverage(facts), *_validation(facts.validation))


def _owner(facts: Facts) -> tuple[str, ...]:
    return () if facts.owner else ("nobody with an address owns it",)


def _coverage(facts: Facts) -> tuple[str, ...]:
    if not facts.has_values:
        return ("no complete period has been counted",)
    if facts.coverage is None:
        return ("coverage of the last complete period is not measured",)
    if facts.coverage > 1:
        return (f"more conversations than expected arrived: coverage {facts.coverage:.2%}",)
    if facts.coverage <= facts.coverage_above:
        return (
            f"coverage of the last complete period is {facts.coverage:.2%}, not above "
            f"{facts.coverage_above:.2%}",
        )
    return ()


def _validation(validation: Validation | None) -> tuple[str, ...]:
    if validation is None:
        return ("no sample is validated for this version",)
    return () if validation.passed else (validation.told,)


def _said(validation: Validation | None) -> tuple[str, ...]:
    return (validation.told,) if validation and validation.is_simulated else ()

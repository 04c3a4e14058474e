"""Whether a metric may be shown, and why: computed from facts, never typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Status = Literal["active", "provisional", "draft", "withheld", "retired"]


GATE = {
    "coverage": "its coverage was not judged",
    "validation": "no sample is validated for this version",
}
"""The clauses that must hold for a launch, and what is said where one was not judged."""

DEMANDED = ("strength",)
"""Clauses of the launch gate that a contract may leave out."""

ARRIVED = ("source fields",)
"""Clauses that hold a launch back where they cannot be judged and must be: a table that never came counts as
nothing."""

SAID = ("freshness",)
"""Clauses of which a failure is said, and moves no status: the number still is what it was when it was fresh."""


STALE = "stale: "
"""How the sentence begins of a metric whose next period is overdue."""


@dataclass(frozen=True)
class Judged:
    """
    What judging a clause came to: it holds, it does not, or (null) it was not measured.

    `told` is a sentence for readers. `is_allowed` says of what was not measured that there was nothing to
    judge, and need not be.
    """

    clause: str
    passed: bool | None
    told: str
    is_allowed: bool = False

    @property
    def speaks_against(self) -> bool:
        """Whether the metric cannot be called sound with it: of the launch gate, whatever does not hold."""
        if self.clause in (*GATE, *DEMANDED):
            return not self.passed
        return self.passed is False or (self.passed is None and not self.is_allowed)


@dataclass(frozen=True)
class Facts:
    """
    What the status of one version of a metric follows from.

    `problems` are those of its contract, `faults` those of its SQL and units; `missing` names the D's it lacks;
    `judged` is what the audit says of its clauses; `simulated` what a simulated reviewer, no person, said of its
    sample; `launched_on` when this version first passed its gate.
    """

    problems: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    owner: str | None = None
    judged: tuple[Judged, ...] = ()
    simulated: str | None = None
    launched_on: date | None = None
    retired_on: date | None = None
    retired_because: str | None = None

    def against(self, *clauses: str) -> tuple[str, ...]:
        """The sentences that speak against these clauses, each once."""
        return tuple(
            dict.fromkeys(
                each.told for each in self.judged if each.clause in clauses and each.speaks_against
            )
        )


@dataclass(frozen=True)
class Standing:
    """A status, and the sentences it follows from: none for an active, fresh metric that people validated."""

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
                 a sample validated for this version, an owner with an address, of every table it locks an export;
                 and where its contract demands it, checks that noticed enough planted harms
    provisional  launched, but one D is missing, or a clause does not hold or could not be judged
    active       everything holds
    """
    if facts.retired_on and facts.retired_on <= today:
        return Standing("retired", (facts.retired_because or "its contract retires it",))
    if broken := (*facts.problems, *facts.faults):
        return Standing("withheld", broken)
    lacking = tuple(f"its contract has no {name.replace('_', ' ')}" for name in facts.missing)
    gate = _gate(facts)
    if len(facts.missing) >= 2 or (gate and facts.launched_on is None):
        return Standing("draft", (*lacking, *gate))
    if any(each.clause == "validation" and each.passed is False for each in facts.judged):
        return Standing("withheld", (*gate, *lacking))
    others = {each.clause for each in facts.judged} - {*GATE, *DEMANDED, *ARRIVED, *SAID}
    said = facts.against(*SAID)
    if held_back := (*gate, *lacking, *facts.against(*others)):
        return Standing("provisional", (*held_back, *said))
    return Standing("active", (*said, *([facts.simulated] if facts.simulated else [])))


def _gate(facts: Facts) -> tuple[str, ...]:
    """What keeps a metric from its launch, a sentence each."""
    owner = () if facts.owner else ("nobody with an address owns it",)
    judged = {each.clause for each in facts.judged}
    unjudged = tuple(said for clause, said in GATE.items() if clause not in judged)
    gate = [said for clause in (*GATE, *DEMANDED, *ARRIVED) for said in facts.against(clause)]
    return (*owner, *gate, *unjudged)

"""Lints of what a metric is used for: what it is read beside, cut by, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from contracts.contract import NUMBER, Contract
from contracts.lints.lint import Facts, Lint, Objection
from contracts.lints.wording import content_words

SEGMENTS = ("channel", "segment", "complexity")
"""What tells an easy mix from a hard one."""

GENERIC = {
    "csat", "nps", "ces", "sentiment", "satisfaction", "customer", "overall", "net", "promoter",
    "happiness", "mood", "negative", "positive", "neutral", "average", "mean", "mention",
}  # fmt: skip
"""A title made of nothing else asks how customers feel, not about anything."""

SCORES = {"csat", "nps", "ces", "sentiment", "satisfaction", "happiness", "mood", "promoter"}

TIMES = {"second", "minute", "hour", "day"}

SPEEDS = (
    {"reply", "time"}, {"response", "time"}, {"resolution", "time"}, {"handle", "time"}, {"wait", "time"},
    {"handling", "time"}, {"waiting", "time"}, {"sla"}, {"speed"},
)  # fmt: skip
"""Words of a title that make a metric one of speed whatever its unit is."""

NARROW = "triage"
"""The role and purpose of deciding what to do about one matter."""

SLOWEST_FOR = {"triage": "week", "weekly_ops": "week"}
"""The slowest cadence that still tells a purpose anything in time."""

CADENCES = ("hour", "day", "week", "month", "quarter")


def is_speed(contract: Contract) -> bool:
    """Whether a metric is of how long something takes, or of keeping to a time."""
    one = contract.definition
    if one is None:
        return False
    title = {*content_words(contract.title)}
    measures_time = one.value in ("median", "p90", "mean") and one.direction == "down"
    is_time = {*content_words(one.unit)} <= TIMES | {"business", "working", "calendar"}
    return (measures_time and is_time) or any(words <= title for words in SPEEDS)


class NoSegmentDimension(Lint):
    """A number that cannot be cut by channel, segment or complexity hides whose number it is."""

    def details(self, contract: Contract, facts: Facts) -> Iterator[str]:
        """None of the three dimensions has two members; without facts, none is declared."""
        found = facts.members.get(contract.metric)
        if found is None:
            varies = any(name in contract.columns for name in SEGMENTS)
        else:
            varies = any(found.get(name, 0) > 1 for name in SEGMENTS)
        if not varies:
            yield (
                f"data gives one value at most for each of {', '.join(SEGMENTS)}: "
                "let one of them through in the metric's SQL."
            )


class GenericScore(Lint):
    """A specific decision needs a specific metric: a generic score tells that something is wrong, not what."""

    def details(self, contract: Contract, facts: Facts) -> Iterator[str]:
        """A score of how customers feel in general that may decide about one matter."""
        use, title = contract.decision_use, {*content_words(contract.title)}
        if use is None or not title & SCORES or not title <= GENERIC:
            return
        if use.role == NARROW or NARROW in use.allowed:
            where = "role is" if use.role == NARROW else "allowed holds"
            yield f"decision_use.{where} {NARROW}: ask about the matter itself, or leave {NARROW} out."


class NoGuardrail(Lint):
    """Speed is easily bought with quality: a metric of speed is read beside one of quality."""

    def objections(
        self, contracts: Sequence[Contract], today: date, facts: Facts
    ) -> Iterator[Objection]:
        """A metric of speed without a guardrail, or with another metric of speed as one."""
        speeds = {each.metric for each in contracts if is_speed(each)}
        for contract in contracts:
            use = contract.decision_use
            if use is None or contract.metric not in speeds:
                continue
            key = f"{contract.metric}.metric_contract.decision_use.guardrail"
            if use.guardrail is None:
                yield Objection([contract], f"{key} is missing: write a metric of quality.")
            elif use.guardrail in speeds:
                yield Objection(
                    [contract], f"{key} is {use.guardrail}, of speed too: write one of quality."
                )


class SlowCadence(Lint):
    """What is reported after the signal has moved on is news of what nobody can change."""

    def details(self, contract: Contract, facts: Facts) -> Iterator[str]:
        """A cadence slower than the use it is allowed for, or than a leading indicator moves."""
        one, use = contract.definition, contract.decision_use
        if one is None or use is None:
            return
        slowest = {
            purpose: SLOWEST_FOR[purpose] for purpose in use.allowed if purpose in SLOWEST_FOR
        }
        if one.indicator == "leading":
            slowest["a leading indicator"] = "month"
        for purpose, cadence in slowest.items():
            if CADENCES.index(one.cadence) > CADENCES.index(cadence):
                yield f"definition.cadence is {one.cadence}, for {purpose}: write {cadence} or faster."
                return


class ActiveWithoutActions(Lint):
    """A number nobody acts on is decoration: an active metric says what is done when it is bad."""

    severity = "error"

    def details(self, contract: Contract, facts: Facts) -> Iterator[str]:
        """All five D's, so nothing but facts keeps it from becoming active, and no action."""
        if not contract.missing and not [action for action in contract.actions if action.strip()]:
            yield "actions is empty: write what is done when the threshold is passed."


class UndeclaredState(Lint):
    """A state nobody declared is counted by a rule nobody wrote."""

    severity = "error"

    def details(self, contract: Contract, facts: Facts) -> Iterator[str]:
        """A state found in the data that is none of the outputs."""
        if contract.definition and (found := facts.states.get(contract.metric)) is not None:
            declared = {*contract.definition.outputs} - {NUMBER}
            for state in sorted(found - declared):
                yield f"definition.outputs lacks {state}, which is found: declare it, or mend the SQL."


class UnseenState(Lint):
    """A state that never occurs is either very good news or a broken rule."""

    severity = "note"

    def details(self, contract: Contract, facts: Facts) -> Iterator[str]:
        """An output that no unit has."""
        if contract.definition and (found := facts.states.get(contract.metric)) is not None:
            for state in contract.definition.outputs:
                if state not in found and state != NUMBER:
                    yield f"definition.outputs holds {state}, which no unit has."


class ManualTagging(Lint):
    """Above 500 conversations a month tags made by hand are confidence theatre."""

    MOST = 500

    def details(self, contract: Contract, facts: Facts) -> Iterator[str]:
        """Tags made by hand, and more conversations a month than people read."""
        count = facts.monthly_conversations.get(contract.metric, 0)
        if contract.manual_tagging and count > self.MOST:
            yield f"manual_tagging is true at {count:,} conversations a month: let a signal or rules tag them."


class SlowDefinition(Lint):
    """What cannot be defined in ten minutes is not yet understood well enough to be measured."""

    MINUTES = 10

    def details(self, contract: Contract, facts: Facts) -> Iterator[str]:
        """The minutes `assay contract new` kept."""
        took = contract.definition_minutes
        if took is not None and took > self.MINUTES:
            yield f"definition_minutes is {took:g}: narrow the question, and write the definition anew."

"""Lints of what a definition says: its unit, its window, its texts, and names that can be read two ways."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from difflib import SequenceMatcher
from itertools import combinations

from contracts.contract import Contract
from contracts.lints.lint import Facts, Lint, Objection

_UNDECIDED = re.compile(
    r"(?i)\W*(tb[dacn]|todo|fixme|to be (defined|decided|done|confirmed)|n/?a|none|null|unknown|undecided"
    r"|pending|x{2,}|later|not (yet )?(decided|defined|known)( yet)?)?\W*"
)

_TIME = re.compile(
    r"(?i)\d|\b(seconds?|minutes?|hours?|days?|daily|weeks?|weekly|months?|monthly|quarters?|quarterly|years?"
    r"|cycles?|periods?|moments?|dates?|since|until|between|within|opened|solved|closed|answered|sent)\b"
)

STATISTICS = {"median", "mean", "average", "p50", "p75", "p90", "p95", "p99", "count", "total"}
"""Words that make two names two: a median is no percentile."""

FILLERS = {
    "a", "an", "and", "at", "by", "for", "in", "of", "on", "per", "the", "to", "with",
    "kpi", "metric", "number", "percent", "percentage", "rate", "ratio", "score", "share",
}  # fmt: skip
"""Words that do not tell two names apart."""

NEAR = 0.85
"""Of two names' letters, the share in the same order from which a reader in a hurry confuses them."""


def is_undecided(text: str) -> bool:
    """Whether a text is empty or only says that nobody has decided yet."""
    return bool(_UNDECIDED.fullmatch(text.strip()))


def names_a_time(text: str) -> bool:
    """Whether a window says when."""
    return bool(_TIME.search(text))


def content_words(text: str) -> tuple[str, ...]:
    """The words of a name that tell it from others, plural and fillers aside."""
    words = re.findall(r"[^\W_]+", text.lower())
    plain = [word.removesuffix("s") if len(word) > 3 else word for word in words]
    return tuple(word for word in plain if word not in FILLERS)


class NoUnit(Lint):
    """A number without a unit is read in whichever unit suits the reader."""

    severity = "error"

    def details(self, contract: Contract, facts: Facts) -> Iterator[str]:
        """A unit that is empty or undecided."""
        if (one := contract.definition) and is_undecided(one.unit):
            yield f"definition.unit is {one.unit or 'empty'}: write what one of the value is, as in minutes."


class NoWindow(Lint):
    """Without a time window two people count two different months and both are right."""

    severity = "error"

    def details(self, contract: Contract, facts: Facts) -> Iterator[str]:
        """A window that is empty, undecided, or names no time."""
        if (one := contract.definition) and (
            is_undecided(one.window) or not names_a_time(one.window)
        ):
            yield (
                f"definition.window is {one.window or 'empty'}: write which moment puts a unit into a period, "
                "as in the week in which it was opened."
            )


class NotWritten(Lint):
    """A promise to decide later is read as a decision to decide after the number is known."""

    severity = "error"

    def details(self, contract: Contract, facts: Facts) -> Iterator[str]:
        """A text that is empty or undecided where something must be said."""
        texts = {"rollback": contract.rollback}
        if one := contract.definition:
            texts |= {
                f"definition.{key}": getattr(one, key)
                for key in ("question", "included", "excluded")
            }
        if data := contract.data:
            texts |= {f"data.{key}": getattr(data, key) for key in ("ingestion", "refresh")}
        for key, text in texts.items():
            # nothing left out is an answer
            if is_undecided(text) and not (
                key.endswith("excluded") and text.lower().startswith("none")
            ):
                yield f"{key} is {text.strip() or 'empty'}: write the sentence people can hold you to."


class NearDuplicateName(Lint):
    """A name that can be read two ways will be: write a longer one."""

    def objections(
        self, contracts: Sequence[Contract], today: date, facts: Facts
    ) -> Iterator[Objection]:
        """Two metrics of different owners whose names hardly differ."""
        for one, other in combinations(contracts, 2):
            if one.group != other.group and _confusable(one.title, other.title):
                yield Objection(
                    [one, other],
                    f"{one.metric}.metric_contract.title is {one.title}, and {other.owner.name} calls "
                    f"{other.metric} {other.title}.",
                )


def _confusable(one: str, other: str) -> bool:
    left, right = content_words(one), content_words(other)
    if not left or not right or ({*left} ^ {*right}) & STATISTICS:
        return False
    return {*left} == {*right} or _likeness("".join(left), "".join(right)) >= NEAR


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()

"""What a reviewer is asked about a signal, and what may be answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.errors import did_you_mean


class ValidationError(Exception):
    """What was asked of a validation cannot be done: what was found, and what to do."""


METRIC = "metric"
"""Stands for the classifier where what people confirm is what a metric counts."""

CONFIRMED = "right"


@dataclass(frozen=True)
class Question:
    """
    A signal, or a metric, as people read it: the question, and its allowed values in the order they are shown.

    Of a signal the prediction is hidden; what a metric claims of a conversation is what is judged, so it is shown.
    """

    signal: str
    text: str
    values: tuple[str, ...]

    def about(self, claim: str | None) -> str:
        """What is asked of one conversation."""
        return f"{self.text} Claim: {claim}." if self.values == METRIC_VALUES else self.text


METRIC_VALUES = (CONFIRMED, "wrong")


CORE = (
    Question(
        "sentiment",
        "How does the customer feel about the company or product, over the whole conversation? "
        "negative: complaint, frustration, disappointment prevails, also in calm words; "
        "neutral: a factual account, question or request; positive: praise or thanks prevails. "
        "Where both occur, what prevails at the end; truly balanced is neutral.",
        ("negative", "neutral", "positive"),
    ),
    Question(
        "churn_risk",
        "Does the customer speak of ending the relationship with this company? "
        "intent: has left, is leaving, demands cancellation, will never use it again; "
        "mention: considers, threatens or hints at leaving, names a competitor as an alternative, "
        "asks how to cancel; none: everything else.",
        ("none", "mention", "intent"),
    ),
    Question(
        "customer_effort",
        "How much work has the customer had with this matter? "
        "low: first contact or no trouble told; medium: a few contacts, forms, days of waiting; "
        "high: three contacts or more, passed around, weeks without an end, the story told again.",
        ("low", "medium", "high"),
    ),
    Question(
        "outcome",
        "How does the matter stand at the end of the conversation? "
        "resolved: the company did what was needed; unresolved: still open or refused; "
        "escalated: taken beyond ordinary service (supervisor, lawyer, court, regulator); "
        "abandoned: the customer gave up.",
        ("resolved", "unresolved", "escalated", "abandoned"),
    ),
)
"""The signals every build has, asked as the reading guide asks them."""


def questions(manifest: Mapping[str, Any]) -> dict[str, Question]:
    """
    The core signals and those declared under `config.meta.signals` in dbt's manifest, by name.

    A declared signal's description is part of what is asked: it says where the values end.
    """
    found = {each.signal: each for each in CORE}
    for node in manifest["nodes"].values():
        meta = node.get("config", {}).get("meta") or {}
        for declared in meta.get("signals") or ():
            if declared.get("values"):
                name = str(declared["name"])
                asked = f"{declared['question']} {declared.get('description', '')}"
                values = tuple(str(value) for value in declared["values"])
                found[name] = Question(name, " ".join(asked.split()), values)
    return found


def ask(signal: str, known: Mapping[str, Question]) -> Question:
    """The question of a signal. Raises ValidationError for a name nobody declared."""
    if signal not in known:
        raise ValidationError(
            f"{signal} is not a signal that can be validated.{did_you_mean(signal, known)} "
            f"Signals with fixed values: {', '.join(known)}."
        )
    return known[signal]


def as_written(values: Iterable[str]) -> str:
    """Values as a sheet lists them."""
    return " | ".join(values)

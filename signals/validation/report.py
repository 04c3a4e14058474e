"""How far a signal can be trusted: what its labels say of one version of its classifier."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from signals.validation import corrected_share
from signals.validation.agreement import (
    Measured,
    clean_reviews_needed,
    kappa,
    labels_needed,
    reviews_needed,
    wilson,
)
from signals.validation.pairs import (
    ABSTAINED,
    Pair,
    Reviewer,
    choose,
    confusion,
    read_pairs,
    read_reviewers,
    read_shared,
)
from signals.validation.question import Question, ValidationError


@dataclass(frozen=True)
class Targets:
    """What is aimed for; null asks nothing."""

    precision: float | None = None
    kappa: float | None = None


@dataclass(frozen=True)
class Needed:
    """
    What a target needs: `reviews` of a value (labels, for kappa) in all; `labels` more of a sample like this.

    Both null: out of reach as the classifier stands, or nothing measured yet. `clean_reviews` without one mistake
    prove a precision exactly and one-sided.
    """

    target: float
    reviews: int | None
    labels: int | None
    clean_reviews: int | None = None


@dataclass(frozen=True)
class Share:
    """A value's share of the newest build in scope, as counted and corrected (null without enough labels)."""

    counted: float | None
    corrected: float | None
    low: float | None
    high: float | None
    method: str


@dataclass(frozen=True)
class OfValue:
    """One value: of those predicted how many are right, of those labelled how many are found."""

    value: str
    precision: Measured
    recall: Measured
    share: Share | None
    needed: Needed | None


@dataclass(frozen=True)
class Between:
    """Two reviewers who read the same conversations."""

    reviewers: tuple[str, str]
    kappa: Measured


@dataclass(frozen=True)
class Report:
    """
    All of it; abstentions count as mistakes in recall and kappa.

    Labels of simulated reviewers never mix with people's: where there are both, they are `left_out`.
    """

    signal: str
    question: str
    classifier: str
    classifier_version: str
    standing: str
    labels: int
    labels_needed: int
    is_simulated: bool
    reviewers: Sequence[Reviewer]
    left_out: Sequence[Reviewer]
    kappa: Measured
    kappa_needed: Needed | None
    between_reviewers: Sequence[Between]
    abstained: Measured
    values: Sequence[OfValue]
    confusion: Sequence[Mapping[str, Any]]
    disagreements: Sequence[Pair]

    def as_dict(self) -> dict[str, Any]:
        """The report for programs."""
        return asdict(self)


@dataclass(frozen=True)
class Predictions:
    """What the newest build holds for the version: how often each value, of how many in scope."""

    counts: Mapping[str, int]
    conversations: int


def report(
    ledger: duckdb.DuckDBPyConnection,
    question: Question,
    version: tuple[str, str],
    predictions: Predictions | None,
    labels_asked: int,
    targets: Targets = Targets(),
    reviewer: str | None = None,
    worst: int = 5,
) -> Report:
    """
    Judge one (classifier, version) by its labels, people's where there are any, else a simulated reviewer's.

    Raises ValidationError where `reviewer` gave none.
    """
    chosen = choose(question.signal, version, False, reviewer)
    pairs = read_pairs(ledger, chosen)
    if not pairs:
        simulated = chosen | {"is_simulated": True}
        found = read_pairs(ledger, simulated)
        if found:
            chosen, pairs = simulated, found
        elif reviewer:
            raise ValidationError(
                f"{reviewer} labelled nothing of {question.signal} by {' '.join(version)}."
            )
    is_simulated = bool(chosen["is_simulated"])
    table = confusion(pairs)
    agreed = kappa(table)
    return Report(
        question.signal,
        question.text,
        *version,
        _standing(len(pairs) >= labels_asked, is_simulated),
        len(pairs),
        labels_asked,
        is_simulated,
        read_reviewers(ledger, chosen),
        [] if is_simulated else read_reviewers(ledger, chosen | {"is_simulated": True}),
        agreed,
        _needed_for_kappa(agreed, targets.kappa),
        [
            Between(names, kappa(counts))
            for names, counts in read_shared(ledger, question.signal, is_simulated).items()
        ],
        wilson(sum(pair.predicted == ABSTAINED for pair in pairs), len(pairs)),
        _values(question, table, predictions, targets.precision, labels_asked),
        [
            {"label": label, "predicted": predicted, "conversations": count}
            for (label, predicted), count in sorted(table.items())
        ],
        _worst(pairs, worst),
    )


def _standing(has_enough: bool, is_simulated: bool) -> str:
    if not has_enough:
        return "unvalidated"
    # a simulated reviewer shows how it works and vouches for nothing
    return "simulated" if is_simulated else "validated"


def _worst(pairs: Sequence[Pair], worst: int) -> list[Pair]:
    wrong = [pair for pair in pairs if pair.predicted not in (pair.label, ABSTAINED)]
    # surest first: there the classifier misleads most
    return sorted(wrong, key=lambda pair: (-(pair.confidence or 0.0), pair.conversation_id))[:worst]


def _values(
    question: Question,
    table: Counter[tuple[str, str]],
    predictions: Predictions | None,
    target: float | None,
    labels_asked: int,
) -> list[OfValue]:
    labels = table.total()
    shares = _shares(question, table, predictions, labels_asked)
    found = []
    for value in question.values:
        right = table[value, value]
        predicted = sum(count for (_, said), count in table.items() if said == value)
        labelled = sum(count for (label, _), count in table.items() if label == value)
        precision = wilson(right, predicted)
        needed = _needed_for_precision(precision, target, labels) if target else None
        found.append(OfValue(value, precision, wilson(right, labelled), shares.get(value), needed))
    return found


def _needed_for_precision(precision: Measured, target: float, labels: int) -> Needed:
    clean = clean_reviews_needed(target)
    reviews = None if precision.value is None else reviews_needed(precision.value, target)
    if reviews is None:
        return Needed(target, None, None, clean)
    more = max(0, reviews - precision.labels)
    # a sample in proportion holds the value as often as this one did
    return Needed(target, reviews, math.ceil(more * labels / precision.labels), clean)


def _needed_for_kappa(agreed: Measured, target: float | None) -> Needed | None:
    if target is None:
        return None
    needed = labels_needed(agreed, target)
    return Needed(target, needed, None if needed is None else max(0, needed - agreed.labels))


def _shares(
    question: Question,
    table: Counter[tuple[str, str]],
    predictions: Predictions | None,
    labels_asked: int,
) -> dict[str, Share]:
    if predictions is None:
        return {}
    with duckdb.connect() as connection:
        corrected_share.install(connection)
        connection.execute(
            "create table counts (value varchar, conversations bigint, predicted bigint,"
            " labelled bigint, agreed bigint, predicted_only bigint, labelled_only bigint)"
        )
        for value in question.values:
            agreed = table[value, value]
            connection.execute(
                "insert into counts values (?, ?, ?, ?, ?, ?, ?)",
                [
                    value,
                    predictions.conversations,
                    predictions.counts.get(value, 0),
                    table.total(),
                    agreed,
                    sum(count for (_, said), count in table.items() if said == value) - agreed,
                    sum(count for (label, _), count in table.items() if label == value) - agreed,
                ],
            )
        rows = connection.execute(
            "select value, share_counted, share_corrected, share_low, share_high, share_method"
            " from corrected_shares('counts', $asked)",
            {"asked": labels_asked},
        ).fetchall()
    return {value: Share(*share) for value, *share in rows}

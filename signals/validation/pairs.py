"""Labels beside predictions, each conversation once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from signals.validation.sheet import OF_METRIC

ABSTAINED = "abstained"
"""Stands where the classifier gave no value; reviewers have no such value."""


@dataclass(frozen=True)
class Pair:
    """What people and the classifier said of one conversation."""

    conversation_id: str
    label: str
    predicted: str
    confidence: float | None
    abstain_reason: str | None
    message_no: int | None
    quote: str | None


@dataclass(frozen=True)
class Reviewer:
    """Who labelled, and how many conversations. `error_rate` is what a simulated reviewer was told to err."""

    name: str
    labels: int
    is_simulated: bool
    error_rate: float | None


BY_VERSION = ("signal", "classifier", "classifier_version", "is_simulated")
"""Labels measure the version they were drawn for, and a simulated reviewer's never mix with people's."""


def agreed_labels(of: Sequence[str], where: str = "true") -> str:
    """
    A query: each labelled conversation once in each group of `of`, as `label`, beside what was `predicted`.

    Where several people read a conversation, what most of them said counts, and of a tie what was recorded first.
    """
    group = ", ".join(of)
    return f"""
        with standing as ({_standing(of, where)}),
        votes as (
            select {group}, conversation_id, label, count(*) as votes, min(recorded_at) as first_at
            from standing
            group by {group}, conversation_id, label
            qualify row_number() over (
                partition by {group}, conversation_id order by votes desc, first_at, label
            ) = 1
        ),
        predictions as (
            select *
            from standing
            qualify row_number() over (
                partition by {group}, conversation_id order by recorded_at desc, reviewer
            ) = 1
        )
        select predictions.* exclude (label), votes.label
        from votes
        inner join predictions using ({group}, conversation_id)
    """


def _standing(of: Sequence[str], where: str) -> str:
    # a conversation one reviewer met on two sheets counts as they saw it last
    return f"""
        select *
        from validation_pairs
        where {where}
        qualify row_number() over (
            partition by {", ".join(of)}, reviewer, conversation_id order by recorded_at desc
        ) = 1
    """


# those of a metric's own sheets say how well the signal is answered there, not of all conversations
_CHOSEN = f"""
    not contains(design, '{OF_METRIC}')
    and signal = $signal and classifier = $classifier and classifier_version = $version
    and is_simulated = $is_simulated and ($reviewer is null or reviewer = $reviewer)
"""


def choose(
    signal: str, version: tuple[str, str], is_simulated: bool, reviewer: str | None = None
) -> dict[str, object]:
    """Which labels are meant: of one (classifier, version), of people or simulated, of one reviewer or all."""
    return {
        "signal": signal,
        "classifier": version[0],
        "version": version[1],
        "is_simulated": is_simulated,
        "reviewer": reviewer,
    }


def read_pairs(ledger: duckdb.DuckDBPyConnection, chosen: dict[str, object]) -> list[Pair]:
    """The pairs of a classifier's version, as `choose` says which."""
    rows = ledger.execute(
        f"""
        select
            conversation_id, label, coalesce(predicted, '{ABSTAINED}'),
            confidence, abstain_reason, message_no, quote
        from ({agreed_labels(BY_VERSION, _CHOSEN)})
        order by conversation_id
        """,
        chosen,
    ).fetchall()
    return [Pair(*row) for row in rows]


def read_reviewers(ledger: duckdb.DuckDBPyConnection, chosen: dict[str, object]) -> list[Reviewer]:
    """Who gave the labels of `read_pairs`."""
    rows = ledger.execute(
        "select reviewer, count(*), bool_or(is_simulated), max(error_rate)"
        f" from ({_standing(BY_VERSION, _CHOSEN)}) group by all order by all",
        chosen,
    ).fetchall()
    return [Reviewer(*row) for row in rows]


def read_shared(
    ledger: duckdb.DuckDBPyConnection, signal: str, is_simulated: bool
) -> dict[tuple[str, str], Counter[tuple[str, str]]]:
    """
    For each two reviewers who read the same words, how often each pair of values was given.

    What people say of a conversation does not depend on the classifier, so labels of all its versions count.
    """
    rows = ledger.execute(
        """
        with said as (
            select reviewer, conversation_id, fingerprint, label
            from validation_pairs
            where signal = ? and is_simulated = ?
            qualify row_number() over (
                partition by reviewer, conversation_id, fingerprint order by recorded_at desc
            ) = 1
        )
        select one.reviewer, other.reviewer, one.label, other.label, count(*)
        from said as one
        inner join said as other
            on one.conversation_id = other.conversation_id
                and one.fingerprint = other.fingerprint and one.reviewer < other.reviewer
        group by all
        order by all
        """,
        [signal, is_simulated],
    ).fetchall()
    found: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for one, other, label, second, count in rows:
        found.setdefault((one, other), Counter())[label, second] += count
    return found


def confusion(pairs: Sequence[Pair]) -> Counter[tuple[str, str]]:
    """How often each (label, prediction) occurs."""
    return Counter((pair.label, pair.predicted) for pair in pairs)

"""A simulated reviewer: answers from the truth beside a synthetic export, wrong at a stated rate."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

TRUTH = {
    "sentiment": "sentiment",
    "churn_risk": "churn",
    "customer_effort": "effort",
    "outcome": "outcome",
}
"""What the generator calls the signals it plants."""

SAID_AS = {"mixed": "neutral"}
"""The generator tells truly balanced feelings from none; the reading guide does not."""


def simulated_answers(
    truth: Path,
    signal: str,
    values: Sequence[str],
    conversations: Sequence[str],
    reviewer: str,
    error_rate: float,
) -> dict[str, str]:
    """
    What a reviewer of this name says of each conversation: the truth, or at `error_rate` another value.

    The same name errs on the same conversations, so two names disagree as two people do. Raises ValueError for a
    signal the generator plants no truth of, and for conversations it did not make.
    """
    known = _truth(truth, signal)
    strangers = [each for each in conversations if each not in known]
    if strangers:
        raise ValueError(
            f"{truth} knows nothing of {strangers[0]}"
            + (f" and {len(strangers) - 1:,} more" if len(strangers) > 1 else "")
            + ": name the truth of the export this build was made from."
        )
    return {
        each: _answer(known[each], values, f"{reviewer}:{signal}:{each}", error_rate)
        for each in conversations
    }


def _truth(truth: Path, signal: str) -> Mapping[str, str]:
    with duckdb.connect() as connection:
        try:
            described = connection.execute(
                "describe from read_parquet($file)", {"file": str(truth)}
            )
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            raise ValueError(
                f"{truth}: no truth can be read here; `assay generate` writes it as truth.parquet."
            ) from error
        column = TRUTH.get(signal, signal)
        if column not in {row[0] for row in described.fetchall()}:
            raise ValueError(
                f"{truth} holds no truth of {signal}: a simulated reviewer knows {', '.join(TRUTH)}."
            )
        rows = connection.execute(
            f'select conversation_id, "{column}" from read_parquet($file)', {"file": str(truth)}
        ).fetchall()
    return {conversation: SAID_AS.get(value, value) for conversation, value in rows}


def _answer(true: str, values: Sequence[str], place: str, error_rate: float) -> str:
    drawn = hashlib.sha256(place.encode()).digest()
    if int.from_bytes(drawn[:8], "big") / 2**64 >= error_rate:
        return true
    others = [value for value in values if value != true]
    return others[int.from_bytes(drawn[8:16], "big") % len(others)]

"""Drawing and judging the sample of a metric: whose inclusion and value people confirm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import duckdb

from contracts.contract import ConfirmedSample, Contract, LabelledSample
from contracts.errors import did_you_mean
from orchestration import kept_builds
from orchestration.stores import Stores
from signals.validation import metric_sample, sheet
from signals.validation.agreement import Measured, wilson
from signals.validation.pairs import BY_VERSION, agreed_labels
from signals.validation.question import CONFIRMED, METRIC, METRIC_VALUES, Question, ValidationError
from signals.validation.sheet import Design, Sheet


def sample_of(contract: Contract) -> ConfirmedSample:
    """What the contract asks to be confirmed. Raises ValidationError where it rests on labels, or asks nothing."""
    clause = _asked(contract)
    if isinstance(clause, LabelledSample):
        raise ValidationError(
            f"{contract.metric} rests on labels of {clause.signal}: assay validate report {clause.signal}. "
            "`assay status` says how those of its own conversations agree."
        )
    return clause


def _asked(contract: Contract) -> ConfirmedSample | LabelledSample:
    if contract.drill_down is None:
        raise ValidationError(
            f"{contract.file}: {contract.metric} has no drill_down, so nothing says how many "
            "conversations are to be confirmed. Write it."
        )
    return contract.drill_down.validation


def confirmable(contracts: Mapping[str, Contract]) -> list[str]:
    """The metrics that rest on no signal."""
    return _asking_for(ConfirmedSample, contracts)


def labelled(contracts: Mapping[str, Contract]) -> list[str]:
    """The metrics that rest on a signal, and so on its labels."""
    return _asking_for(LabelledSample, contracts)


def _asking_for(
    kind: type[ConfirmedSample] | type[LabelledSample], contracts: Mapping[str, Contract]
) -> list[str]:
    return [
        name
        for name, each in contracts.items()
        if each.drill_down and isinstance(each.drill_down.validation, kind)
    ]


def draw(
    stores: Stores,
    contract: Contract,
    signals: Mapping[str, Question],
    size: int | None,
    seed: int,
    error_rate: float | None,
) -> Sheet:
    """
    A sheet of the newest build. Of a metric that rests on labels: its signal's question on what it counts;
    of any other: conversations it counts and some it does not, to be confirmed.

    Raises ValidationError where its contract asks for nothing, or the build holds too few.
    """
    clause = _asked(contract)
    with kept_builds.newest(stores) as (published, build):
        if isinstance(clause, LabelledSample):
            design = Design(size or clause.labels, seed, metric=contract.metric)
            return sheet.draw(published, build, signals[clause.signal], design, error_rate)
        design = Design(size or clause.sample, seed)
        return metric_sample.draw(
            published, build, question_of(contract), contract.version, design, error_rate
        )


def question_of(contract: Contract) -> Question:
    """What a reviewer is asked of each conversation: the contract's own words."""
    if contract.definition is None:
        raise ValidationError(f"{contract.file}: {contract.metric} has no definition to confirm.")
    text = (
        f"{contract.title}: {contract.definition.question} Counted: {contract.definition.included} "
        f"Left out: {contract.definition.excluded} Period: {contract.definition.window} "
        "Is it right what the metric says of this conversation?"
    )
    return Question(contract.metric, " ".join(text.split()), METRIC_VALUES)


def simulated(sheet: Sheet, reviewer: str, error_rate: float) -> dict[str, str]:
    """What a simulated reviewer says: every claim is right, but for a stated share."""
    return {
        row.conversation_id: METRIC_VALUES[
            _chance(f"{reviewer}:{sheet.question.signal}:{row.conversation_id}") < error_rate
        ]
        for row in sheet.rows
    }


def _chance(place: str) -> float:
    return int.from_bytes(sha256(place.encode()).digest()[:8], "big") / 2**64


@dataclass(frozen=True)
class Confirmed:
    """How far people confirm a version: `wrong` holds a conversation, what was claimed of it and their note."""

    metric: str
    version: str
    right: Measured
    is_simulated: bool
    wrong: list[tuple[str, str, str]]


def confirmed(ledger: duckdb.DuckDBPyConnection, contract: Contract) -> Confirmed:
    """What is recorded of the metric's version in use; people's word stands before a simulated reviewer's."""
    rows = ledger.execute(
        f"""
        select conversation_id, predicted, label, coalesce(note, ''), is_simulated
        from ({agreed_labels(BY_VERSION)})
        where signal = ? and classifier = ? and classifier_version = ?
        qualify is_simulated = bool_and(is_simulated) over ()
        order by conversation_id
        """,
        [contract.metric, METRIC, contract.version],
    ).fetchall()
    return Confirmed(
        contract.metric,
        contract.version,
        wilson(sum(row[2] == CONFIRMED for row in rows), len(rows)),
        any(row[4] for row in rows),
        [(row[0], row[1], row[3]) for row in rows if row[2] != CONFIRMED],
    )


def unknown(name: str, signals: Mapping[str, Any], contracts: Mapping[str, Any]) -> ValidationError:
    """What to say of a name that is neither a signal's nor a metric's."""
    known = [*signals, *contracts]
    return ValidationError(
        f"{name} is neither a signal with fixed values nor a metric.{did_you_mean(name, known)} "
        f"Signals: {', '.join(signals)}. Metrics: {', '.join(contracts) or 'none'}."
    )

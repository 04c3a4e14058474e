"""What people said of a metric that still holds: of the signal it rests on, or of a sample of its own."""

from __future__ import annotations

import json

import duckdb

from contracts.status import Validation
from orchestration.rows import Row
from signals.validation import metric_sample
from signals.validation.agreement import kappa
from signals.validation.question import CONFIRMED, METRIC

_LABELS = """
select
    labels.label,
    labels.predicted,
    labels.is_simulated,
    count(*) as labels
from work.raw.labels as labels
inner join marts.fct_signals as answers
    on labels.conversation_id = answers.conversation_id and labels.signal = answers.signal
-- a label counts while the conversation and its answer are as its reviewer was shown them
where labels.signal = $signal
    and answers.signal = $signal
    -- of what is counted by this version, and of nothing else
    and labels.conversation_id in (select conversation_id from metrics.{metric})
    and labels.is_as_read
    and labels.predicted is not distinct from answers.value
    and (labels.classifier, labels.classifier_version) = (answers.classifier, answers.classifier_version)
group by all
"""

_CONFIRMED = """
select conversation_id, label, predicted, is_simulated
from work.raw.labels
where signal = $metric and classifier = $classifier and classifier_version = $version and is_as_read
"""


def validation_of(build: duckdb.DuckDBPyConnection, contract: Row) -> Validation | None:
    """The validation of one contract; None where it asks for none. `work` is attached to the build."""
    clause = (json.loads(contract["contract"]).get("drill_down") or {}).get("validation")
    if not clause:
        return None
    if clause.get("signal"):
        return _of_signal(build, contract, clause)
    return _of_sample(build, contract, clause)


def _of_signal(build: duckdb.DuckDBPyConnection, contract: Row, clause: Row) -> Validation:
    query = _LABELS.format(metric=f'"{contract["metric"]}"')
    rows = (
        [] if contract["faults"] else build.execute(query, {"signal": clause["signal"]}).fetchall()
    )
    labels, simulated = sum(row[3] for row in rows), any(row[2] for row in rows)
    by_whom = f"{'simulated ' if simulated else ''}labels of {clause['signal']}"
    if labels < clause["labels"]:
        told = (
            f"{labels:,} of {clause['labels']:,} {by_whom} are recorded of conversations it counts"
        )
        return Validation(labels, clause["labels"], None, told, simulated)
    given = sum(row[3] for row in rows if row[1] == clause.get("value"))
    if clause.get("precision") is not None and given < clause["labels"]:
        told = (
            f"{given:,} of {clause['labels']:,} {by_whom} are of those answered {clause['value']}"
        )
        return Validation(labels, clause["labels"], None, told, simulated)
    measured = _measured(clause, rows)
    failing = [told for told, holds in measured if not holds]
    said = "; ".join(failing or [told for told, _ in measured])
    return Validation(
        labels, clause["labels"], not failing, f"{labels:,} {by_whom}: {said}", simulated
    )


def _measured(clause: Row, rows: list[tuple]) -> list[tuple[str, bool]]:
    """Each floor the contract names, as a sentence, and whether it holds."""
    value, found = clause.get("value"), []
    if (floor := clause.get("precision")) is not None:
        given = sum(row[3] for row in rows if row[1] == value)
        right = sum(row[3] for row in rows if row[1] == value and row[0] == value)
        told = f"precision of {value} is {right / given:.2f} ({right:,} of {given:,})"
        found.append(_against(told, right / given, floor))
    if (floor := clause.get("kappa")) is not None:
        table: dict[tuple[str, str], int] = {}
        for label, predicted, _, labels in rows:
            pair = (label, predicted or "abstained")
            table[pair] = table.get(pair, 0) + labels
        agreed = kappa(table).value
        told = "not defined" if agreed is None else f"{agreed:.2f}"
        found.append(_against(f"κ is {told}", agreed, floor))
    return found


def _against(told: str, measured: float | None, floor: float) -> tuple[str, bool]:
    holds = measured is not None and measured >= floor
    return f"{told}, {'at least' if holds else 'below'} {floor:.2f}", holds


def _of_sample(build: duckdb.DuckDBPyConnection, contract: Row, clause: Row) -> Validation:
    read = build.execute(
        _CONFIRMED,
        {"metric": contract["metric"], "classifier": METRIC, "version": contract["version"]},
    ).fetchall()
    standing = []
    if read and not contract["faults"]:
        now = metric_sample.claims(build, contract["metric"], [row[0] for row in read])
        standing = [row for row in read if now.get(row[0]) == row[2]]
    needed, simulated = clause["sample"], any(row[3] for row in standing)
    by_whom = " by a simulated reviewer" if simulated else ""
    if len(standing) < needed:
        lapsed = (
            f", {len(read) - len(standing):,} more have changed since"
            if len(read) > len(standing)
            else ""
        )
        told = (
            f"{len(standing):,} of {needed:,} conversations are confirmed for this version{lapsed}"
        )
        return Validation(len(standing), needed, None, told, simulated)
    right = sum(row[1] == CONFIRMED for row in standing)
    holds = right / len(standing) >= clause["confirmed"]
    told = (
        f"{right:,} of {len(standing):,} conversations confirmed{by_whom}, "
        f"{'at least' if holds else 'below'} {clause['confirmed']:.0%}"
    )
    return Validation(len(standing), needed, holds, told, simulated)

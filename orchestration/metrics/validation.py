"""What people said of a metric that still holds: of the signal it rests on, or of a sample of its own."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from contracts.contract import Contract, LabelledSample
from expectations.described import is_there, make_anew
from expectations.suites.validation import RELATION, labels_needed
from orchestration.rows import append
from signals.validation import metric_sample
from signals.validation.agreement import kappa
from signals.validation.question import CONFIRMED, METRIC

_MEANINGS = {
    "metric varchar": "Metric whose contract asks for a sample.",
    "version varchar": "Version of its definition.",
    "signal varchar": "Signal whose labels it is; null where the metric has a sample of its own.",
    "labels bigint": "Labels that still hold of conversations it counts.",
    "lapsed bigint": "Labels given whose conversation is counted otherwise since.",
    "needed bigint": "Labels that must hold: those its contract asks for, of what is launched two thirds of them.",
    "given bigint": "Labels of conversations answered with the value that is counted; of a sample of its own all "
    "that are judged: those that hold, and of what is launched all of its version.",
    "agreed bigint": "Of those, the ones people agree with.",
    "precision double": "Share of them.",
    "kappa double": "Cohen's kappa of people and classifier; null where not defined.",
    "confirmed double": "Share confirmed of a metric's own sample.",
    "is_simulated boolean": "Whether a simulated reviewer, no person, gave any of them.",
}

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


def measure(build: duckdb.DuckDBPyConnection, contracts: Sequence[Contract]) -> None:
    """
    Write `counted.metric_validations`: of each metric that asks for a sample, what people said that still holds.

    `work` is attached to the build. Grain: metric; labels that hold, those that lapsed, those given to what is
    counted and right of them, and what they come to: precision, κ, share confirmed.
    """
    make_anew(build, RELATION, "Grain: metric. What people said of its sample.", _MEANINGS)
    faulty = {
        metric
        for (metric,) in build.execute("select metric from work.raw.metric_faults").fetchall()
    }
    launched = _launched(build)
    rows = []
    for contract in contracts:
        clause = contract.drill_down and contract.drill_down.validation
        if not clause:
            continue
        counts = contract.metric not in faulty
        is_launched = (contract.metric, contract.version) in launched
        needed = labels_needed(clause, is_launched)
        found = (
            _of_signal(build, contract, clause, counts, needed)
            if isinstance(clause, LabelledSample)
            else _of_sample(build, contract, counts, needed, is_launched)
        )
        rows.append((contract.metric, contract.version, *found))
    append(build, RELATION, rows)


def _launched(build: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Versions of metrics that passed their gate before."""
    if not is_there(build, "table", "marts.metric_contracts"):
        return set()
    return set(
        build.execute(
            "select metric, version from marts.metric_contracts where published_at is not null"
        ).fetchall()
    )


def _of_signal(
    build: duckdb.DuckDBPyConnection,
    contract: Contract,
    clause: LabelledSample,
    counts: bool,
    needed: int,
) -> tuple[object, ...]:
    query = _LABELS.format(metric=f'"{contract.metric}"')
    rows = build.execute(query, {"signal": clause.signal}).fetchall() if counts else []
    of_value = [
        (label, labels) for label, predicted, _, labels in rows if predicted == clause.value
    ]
    given = sum(labels for _, labels in of_value)
    right = sum(labels for label, labels in of_value if label == clause.value)
    table: dict[tuple[str, str], int] = {}
    for label, predicted, _, labels in rows:
        pair = (label, predicted or "abstained")
        table[pair] = table.get(pair, 0) + labels
    return (
        clause.signal,
        sum(table.values()),
        0,
        needed,
        given,
        right,
        right / given if given else None,
        kappa(table).value,
        None,
        any(is_simulated for _, _, is_simulated, _ in rows),
    )


def _of_sample(
    build: duckdb.DuckDBPyConnection,
    contract: Contract,
    counts: bool,
    needed: int,
    is_launched: bool,
) -> tuple[object, ...]:
    asked = {"metric": contract.metric, "classifier": METRIC, "version": contract.version}
    read = build.execute(_CONFIRMED, asked).fetchall()
    holding = []
    if read and counts:
        now = metric_sample.claims(build, contract.metric, [row[0] for row in read])
        holding = [row for row in read if now.get(row[0]) == row[2]]
    # that one of them is counted otherwise now takes nothing back of what was confirmed for the launch
    judged = read if is_launched else holding
    labels, given = len(holding), len(judged)
    right = sum(row[1] == CONFIRMED for row in judged)
    return (
        None,
        labels,
        len(read) - labels,
        needed,
        given,
        right,
        None,
        None,
        right / given if given else None,
        any(row[3] for row in judged),
    )

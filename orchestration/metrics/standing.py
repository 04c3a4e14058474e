"""The standing of every metric, settled after the audit: what the build, the ledger and the audit say of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from contracts.status import Facts, Standing, standing
from expectations.outcome import Outcome
from orchestration.ledger import Ledger
from orchestration.metrics.validation import validation_of
from orchestration.rows import Row, append, told
from orchestration.stores import Stores

TABLE = "marts.metric_contracts"

_MEANINGS = {
    "metric varchar": "Name of the metric: model, view and file are called so.",
    "version varchar": "Version of its definition; null where its contract cannot be read.",
    "title varchar": "What people call it.",
    "status varchar": "draft, provisional, active, withheld or retired, computed in each run.",
    "status_reasons varchar[]": "Why it has this status, one sentence each.",
    "owner varchar": "Team that answers for it.",
    "owner_email varchar": "Where its owner is written to.",
    "value_kind varchar": "share, mean, count, median or p90.",
    "unit varchar": "What the value is counted in.",
    "direction varchar": "Which way is better: up or down.",
    "cadence varchar": "Length of its periods: hour, day, week, month or quarter.",
    "coverage double": "Loaded of expected conversations of its last complete period; null is not measured.",
    "coverage_above double": "The coverage it must be above to be launched.",
    "validation varchar": "Who read its sample and what came of it, in a sentence.",
    "is_validated boolean": "Whether that passed, for this version.",
    "is_simulated boolean": "Whether a simulated reviewer, no person, read the sample.",
    "labels bigint": "Conversations of the sample that were read.",
    "missing varchar[]": "The parts of the contract that nobody wrote yet.",
    "allowed varchar[]": "Purposes it may be used for.",
    "forbidden varchar[]": "Purposes it must not be used for.",
    "contract varchar": "The contract as written, JSON.",
    "published_at timestamptz": "When this version first passed its launch gate.",
}
COLUMNS = ", ".join(_MEANINGS)
"""Written by the audit."""

_AS_BROUGHT = (
    "metric", "version", "owner", "owner_email", "value_kind", "unit", "direction", "cadence", "coverage",
    "coverage_above", "contract",
)  # fmt: skip
"""Columns told as the contract and the last period have them."""

_CONTRACTS = """
select
    contracts.*,
    coalesce(faults.faults, []) as faults,
    last.coverage,
    coalesce(last.has_values, false) as has_values
from work.raw.contracts as contracts
left join (
    select metric, list(fault order by fault) as faults from work.raw.metric_faults group by all
) as faults
    on contracts.metric = faults.metric
left join (
    select
        metric,
        -- of the last that concerns any day, be nothing of it counted; null is what that period says too
        arg_max_null(coverage, period_start) filter (where days > 0) as coverage,
        bool_or(conversations > 0) as has_values
    from counted.metric_counts
    where dimension = 'all' and is_complete
    group by all
) as last
    on contracts.metric = last.metric
order by contracts.metric
"""


@dataclass(frozen=True)
class Settled:
    """A metric with its standing, as a row of `marts.metric_contracts` tells it."""

    standing: Standing
    row: dict[str, object]


def make_room(candidate: duckdb.DuckDBPyConnection) -> None:
    """The table that metric_values reads, empty until the first audit."""
    candidate.execute("create schema if not exists marts")
    candidate.execute(f"create table if not exists {TABLE} ({COLUMNS})")


def settle(
    stores: Stores, candidate: duckdb.DuckDBPyConnection, outcomes: Sequence[Outcome]
) -> bool:
    """
    Write `marts.metric_contracts`, and note launches in the ledger; False where all stands as it stood.

    `candidate` is the build being audited, opened to write. What is not published launches nothing.
    """
    now = datetime.now(UTC)
    candidate.execute(f"attach '{stores.work}' as work (read_only)")
    try:
        with Ledger.open(stores.ledger) as ledger:
            launches = _launches(ledger)
            settled = [
                _settled(candidate, contract, _clauses(outcomes, contract), launches, now)
                for contract in told(candidate, _CONTRACTS)
            ]
            if not any(each.blocks for each in outcomes):
                _note_launches(ledger, settled, launches, now)
    finally:
        candidate.execute("detach work")
    names = [column.split()[0] for column in _MEANINGS]
    return _write(candidate, [tuple(each.row[name] for name in names) for each in settled])


def _settled(
    candidate: duckdb.DuckDBPyConnection,
    contract: Row,
    clauses: Sequence[str],
    launches: dict[tuple[str, str], datetime],
    now: datetime,
) -> Settled:
    key = (contract["metric"], contract["version"] or "")
    validation = validation_of(candidate, contract) if contract["is_read"] else None
    facts = Facts(
        problems=tuple(contract["problems"] or ()),
        faults=tuple(contract["faults"]),
        missing=tuple(contract["missing"] or ()),
        owner=contract["owner"] if contract["owner_email"] else None,
        has_values=contract["has_values"],
        coverage=contract["coverage"],
        coverage_above=contract["coverage_above"] or 0.0,
        validation=validation,
        launched_on=launches[key].date() if key in launches else None,
        retired_on=contract["retired_on"],
        retired_because=contract["retired_because"],
        clauses=tuple(clauses),
    )
    stands = standing(facts, now.date())
    launched = launches.get(key) or (now if stands.is_launched else None)
    row = {name: contract[name] for name in _AS_BROUGHT} | {
        "title": contract["title"] or contract["metric"],
        "status": stands.status,
        "status_reasons": list(stands.reasons),
        "validation": validation.told if validation else None,
        "is_validated": bool(validation and validation.passed),
        "is_simulated": bool(validation and validation.is_simulated),
        "labels": validation.labels if validation else 0,
        **{name: contract[name] or [] for name in ("missing", "allowed", "forbidden")},
        "published_at": launched,
    }
    return Settled(stands, row)


def _clauses(outcomes: Iterable[Outcome], contract: Row) -> list[str]:
    """What the audit says of this version: clauses that do not hold, or could not be measured."""
    return [
        each.detail
        for each in outcomes
        if each.metric == contract["metric"] and each.version == contract["version"]
        and not each.passed and each.severity != "note"
    ]  # fmt: skip


def _launches(ledger: Ledger) -> dict[tuple[str, str], datetime]:
    rows = ledger.connection.execute(
        "select metric, version, min(launched_at) from metric_launches group by all"
    ).fetchall()
    return {(metric, version): launched for metric, version, launched in rows}


def _note_launches(
    ledger: Ledger, settled: Sequence[Settled], known: dict[tuple[str, str], Any], now: datetime
) -> None:
    """That a version passed its gate is kept for good: what it loses later makes it provisional, not a draft."""
    new = [
        (each.row["metric"], each.row["version"], now, each.row["validation"])
        for each in settled
        if each.standing.is_launched and (each.row["metric"], each.row["version"]) not in known
    ]
    append(ledger.connection, "metric_launches", new)


def _write(candidate: duckdb.DuckDBPyConnection, rows: list[tuple[object, ...]]) -> bool:
    candidate.execute(f"create or replace temp table settled ({COLUMNS})")
    append(candidate, "settled", rows)
    make_room(candidate)
    ((differing,),) = candidate.execute(
        f"select count(*) from (from settled except all from {TABLE}"
        f" union all (from {TABLE} except all from settled))"
    ).fetchall()
    if differing:
        candidate.execute(f"create or replace table {TABLE} as from settled")
        _say_what_it_means(candidate)
    return bool(differing)


def _say_what_it_means(candidate: duckdb.DuckDBPyConnection) -> None:
    """In the file, where an analyst looks, as dbt does for the marts it builds."""
    candidate.execute(
        f"comment on table {TABLE} is 'Grain: metric. What was promised of it, and how it stands.'"
    )
    for column, meaning in _MEANINGS.items():
        candidate.execute(f"comment on column {TABLE}.{column.split()[0]} is '{meaning}'")

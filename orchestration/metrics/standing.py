"""The standing of every metric, settled after the audit: what the build, the ledger and the audit say of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from contracts.contract import Contract
from contracts.status import Facts, Judged, Standing, standing
from expectations.outcome import Outcome
from expectations.suites.validation import RELATION as VALIDATIONS
from expectations.suites.validation import sentence
from orchestration.ledger import Ledger
from orchestration.metrics.launches import read as read_launches
from orchestration.metrics.reviews import record_reviews
from orchestration.metrics.triage import open_cases
from orchestration.rows import Row, append, renew, told
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
    "coverage_above", "is_simulated", "labels", "contract",
)  # fmt: skip
"""Columns told as the contract and the last period have them."""

_CONTRACTS = """
select
    contracts.*,
    coalesce(faults.faults, []) as faults,
    last.coverage,
    coalesce(validations.labels, 0) as labels,
    coalesce(validations.is_simulated, false) as is_simulated
from work.raw.contracts as contracts
left join (
    select metric, list(fault order by fault) as faults from work.raw.metric_faults group by all
) as faults
    on contracts.metric = faults.metric
left join (
    select
        metric,
        -- of the last that concerns any day, be nothing of it counted; null is what that period says too
        arg_max_null(coverage, period_start) as coverage
    from counted.metric_counts
    where dimension = 'all' and is_complete and days > 0
    group by all
) as last
    on contracts.metric = last.metric
left join counted.metric_validations as validations
    on contracts.metric = validations.metric
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
    stores: Stores,
    candidate: duckdb.DuckDBPyConnection,
    outcomes: Sequence[Outcome],
    contracts: Sequence[Contract],
    least: int,
) -> bool:
    """
    Write `marts.metric_contracts`, `marts.triage` and `marts.reviews`, and note what is new in the ledger; False
    where all stands as it stood.

    `candidate` is the build being audited, opened to write; of fewer than `least` conversations a period tells
    nothing. What is not published launches nothing.
    """
    now = datetime.now(UTC)
    samples = _sample_sentences(candidate, contracts)
    candidate.execute(f"attach '{stores.work}' as work (read_only)")
    try:
        with Ledger.open(stores.ledger) as ledger:
            launches = read_launches(ledger.connection)
            settled = [
                _settled(
                    contract,
                    _judged(outcomes, contract),
                    samples.get(contract["metric"]),
                    launches,
                    now,
                )
                for contract in told(candidate, _CONTRACTS)
            ]
            is_published = not any(each.blocks for each in outcomes)
            if is_published:
                _note_launches(ledger, settled, launches, now)
            names = [column.split()[0] for column in _MEANINGS]
            is_news = renew(
                candidate,
                TABLE,
                "Grain: metric. What was promised of it, and how it stands.",
                _MEANINGS,
                [tuple(each.row[name] for name in names) for each in settled],
            )
            record_reviews(candidate, ledger, outcomes, is_published)
            return open_cases(candidate, ledger, least, is_published) or is_news
    finally:
        candidate.execute("detach work")


def _settled(
    contract: Row,
    judged: tuple[Judged, ...],
    sample: str | None,
    launches: dict[tuple[str, str], datetime],
    now: datetime,
) -> Settled:
    key = (contract["metric"], contract["version"] or "")
    facts = Facts(
        problems=tuple(contract["problems"] or ()),
        faults=tuple(contract["faults"]),
        missing=tuple(contract["missing"] or ()),
        owner=contract["owner"] if contract["owner_email"] else None,
        judged=judged,
        simulated=sample if contract["is_simulated"] else None,
        launched_on=launches[key].date() if key in launches else None,
        retired_on=contract["retired_on"],
        retired_because=contract["retired_because"],
    )
    stands = standing(facts, now.date())
    launched = launches.get(key) or (now if stands.is_launched else None)
    row = {name: contract[name] for name in _AS_BROUGHT} | {
        "title": contract["title"] or contract["metric"],
        "status": stands.status,
        "status_reasons": list(stands.reasons),
        "validation": sample,
        "is_validated": [each.passed for each in judged if each.clause == "validation"] == [True],
        **{name: contract[name] or [] for name in ("missing", "allowed", "forbidden")},
        "published_at": launched,
    }
    return Settled(stands, row)


def _judged(outcomes: Iterable[Outcome], contract: Row) -> tuple[Judged, ...]:
    """What the audit says of the clauses of this version."""
    return tuple(
        Judged(each.clause, each.passed, each.detail, each.is_allowed)
        for each in outcomes
        if (each.metric, each.version) == (contract["metric"], contract["version"])
        and each.severity != "note"
    )


def _sample_sentences(
    candidate: duckdb.DuckDBPyConnection, contracts: Sequence[Contract]
) -> dict[str, str]:
    """What came of each metric's sample, as its contract asks."""
    clauses = {each.metric: each.drill_down.validation for each in contracts if each.drill_down}
    return {
        row["metric"]: sentence(row, clauses[row["metric"]])
        for row in told(candidate, f"from {VALIDATIONS}")
    }


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

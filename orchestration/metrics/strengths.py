"""What became of planted harms: kept in the ledger, told on a contract's page, and demanded by a launch gate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import duckdb

from contracts.contract import Contract
from orchestration.ledger import Ledger
from orchestration.mutation.harm import CLASSES
from orchestration.mutation.verdict import Verdict
from orchestration.rows import append

TABLE = "metric_strengths"

_LAST = f"""
    from {TABLE}
    -- all kinds are planted at once: what an earlier measurement said of a kind is over
    qualify measured_at = max(measured_at) over (partition by metric, version)
    order by all
"""


def record(ledger: Ledger, verdicts: Sequence[Verdict], seed: int, build: str) -> None:
    """Keep what became of every metric's harms, by kind; what was measured last counts."""
    found: dict[tuple[str, str, str], list[Verdict]] = {}
    for each in verdicts:
        found.setdefault((each.metric, each.version, each.kind), []).append(each)
    now = datetime.now(UTC)
    rows = [
        (
            *key,
            len(of_kind),
            sum(each.noticed_by is not None for each in of_kind),
            [f"{each.place}: {each.finding}" for each in of_kind if each.noticed_by is None],
            seed,
            build,
            now,
        )
        for key, of_kind in found.items()
    ]
    append(ledger.connection, TABLE, rows)


def read(ledger: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    """The last measurement of every metric and version, by kind of harm."""
    return ledger.execute(_LAST).fetchall()


def sentence(ledger: duckdb.DuckDBPyConnection, contract: Contract) -> str | None:
    """What was noticed of the harms planted last, by class; None where none was planted."""
    rows = ledger.execute(
        f"select kind, planted, noticed from ({_LAST}) where metric = $1 and version = $2 order by all",
        [contract.metric, contract.version],
    ).fetchall()
    if not rows:
        return None
    planted, noticed = (sum(row[place] for row in rows) for place in (1, 2))
    by_class = []
    for name, kinds in CLASSES.items():
        of_class = [(many, few) for kind, many, few in rows if kind in kinds]
        if of_class:
            many, few = map(sum, zip(*of_class, strict=True))
            by_class.append(f"{name} {few}/{many}")
    return f"{noticed} of {planted} harms noticed: {', '.join(by_class)}"

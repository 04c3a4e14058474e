"""When versions of metrics were launched: first passed their gate in a run that was published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb

from contracts.contract import Contract

COLUMNS = "metric varchar, version varchar, launched_at timestamptz"
"""`raw.metric_launches`."""


def read(ledger: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], datetime]:
    """By metric and version, when it was launched."""
    rows = ledger.execute(
        "select metric, version, min(launched_at) from metric_launches group by all"
    ).fetchall()
    return {(metric, version): launched for metric, version, launched in rows}


def baselines(
    ledger: duckdb.DuckDBPyConnection, contracts: Sequence[Contract]
) -> list[tuple[object, ...]]:
    """
    Those that drift is told against: of contracts that name the published baseline. Any other's launch changes
    nothing of what the build counts.
    """
    named = {
        (each.metric, each.version)
        for each in contracts
        if each.drift_controls and each.drift_controls.baseline_kind == "published"
    }
    launched = read(ledger)
    return [(*each, launched[each]) for each in sorted(named & launched.keys())]

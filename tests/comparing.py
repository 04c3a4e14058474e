"""Two published builds compared, mart by mart."""

from __future__ import annotations

from pathlib import Path

import duckdb

NOT_COMPARED = {"loaded_at"}
"""When a file was loaded is a fact about the run, not about the exports."""

BY_THE_CLOCK = {
    ("checks", "measured"): "if(clause = 'freshness', null, measured)",
    ("checks", "detail"): "if(clause = 'freshness', null, detail)",
    (
        "metric_contracts",
        "status_reasons",
    ): "regexp_replace(status_reasons::varchar, '[0-9,]+ days overdue', '')",
}
"""How many hours and days a metric is overdue is told as of the minute of its audit."""

REMEMBERED = {"reviews"}
"""What was judged of earlier builds, and when, is in no rebuild: the ledger remembers it."""


def differing_marts(left: Path, right: Path) -> dict[str, int]:
    """Rows of each mart that stand in one build and not in the other, as often."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{left.resolve()}' as one (read_only)")
        connection.execute(f"attach '{right.resolve()}' as other (read_only)")
        found = {}
        marts = _marts(connection, "one") | _marts(connection, "other")
        for mart in sorted(marts - REMEMBERED):
            columns = ", ".join(_columns(connection, mart))
            ((differing,),) = connection.execute(
                f"select count(*) from ("
                f"(select {columns} from one.marts.{mart}"
                f" except all select {columns} from other.marts.{mart})"
                f" union all "
                f"(select {columns} from other.marts.{mart}"
                f" except all select {columns} from one.marts.{mart}))"
            ).fetchall()
            if differing:
                found[mart] = differing
        return found


def _marts(connection: duckdb.DuckDBPyConnection, database: str) -> set[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = 'marts'",
        [database],
    ).fetchall()
    return {name for (name,) in rows}


def _columns(connection: duckdb.DuckDBPyConnection, mart: str) -> list[str]:
    rows = connection.execute(
        "select column_name from duckdb_columns()"
        " where database_name = 'one' and schema_name = 'marts' and table_name = ?",
        [mart],
    ).fetchall()
    return [BY_THE_CLOCK.get((mart, name), name) for (name,) in rows if name not in NOT_COMPARED]

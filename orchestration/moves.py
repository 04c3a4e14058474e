"""What moved between the newest published build and the one to follow it: found once, and kept in the ledger."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime

import duckdb

from orchestration.ledger import Ledger
from orchestration.rows import append
from orchestration.stores import Stores

Rows = list[tuple[object, ...]]

Find = Callable[[duckdb.DuckDBPyConnection, str], Rows]
"""Compares the schemas `published.marts`, of the build named, and `candidate.marts`; its rows are in order."""


def record(stores: Stores, table: str, find: Find) -> bool:
    """
    Put into the ledger what moved since the newest published build; True where that was not known yet.

    The candidate may be built again before it is published, with another outcome: what was found last of a
    published build counts.
    """
    if not stores.pointer.exists():
        return False
    path = stores.pointer.resolve()
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set memory_limit = '{os.environ.get('ASSAY_MEMORY', '1GB')}'")
        connection.execute(f"set temp_directory = '{stores.spill}'")
        connection.execute(f"attach '{path}' as published (read_only)")
        connection.execute(f"attach '{stores.candidate}' as candidate (read_only)")
        found = find(connection, path.name)
    with Ledger.open(stores.ledger) as ledger:
        known = [row for row in read(ledger.connection, table) if row[0] == path.name]
        if found == known:
            return False
        columns = ledger.connection.execute(f"from {table} limit 0").description
        # that nothing moves any more is something found too
        rows = found or [(path.name, *[None] * (len(columns) - 3), 0)]
        now = datetime.now(UTC)
        append(ledger.connection, table, [(*row, now) for row in rows])
    return True


def read(ledger: duckdb.DuckDBPyConnection, table: str) -> Rows:
    """What moved, of every published build that was followed by a change."""
    return ledger.execute(
        f"""
        select * exclude (found_at)
        from (from {table} qualify found_at = max(found_at) over (partition by previous_build))
        where conversations > 0
        order by all
        """
    ).fetchall()

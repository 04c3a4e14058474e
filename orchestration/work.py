"""The work database, opened to write."""

from __future__ import annotations

import os

import duckdb

from orchestration.stores import Stores


def connect(stores: Stores, memory_limit: str | None = None) -> duckdb.DuckDBPyConnection:
    """A writing connection to the work database, bounded as profiles.yml bounds dbt's."""
    connection = duckdb.connect(str(stores.work))
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(
        f"set memory_limit = '{memory_limit or os.environ.get('ASSAY_MEMORY', '1GB')}'"
    )
    connection.execute(f"set threads = {int(os.environ.get('ASSAY_THREADS', '2'))}")
    connection.execute(f"set temp_directory = '{stores.spill}'")
    return connection

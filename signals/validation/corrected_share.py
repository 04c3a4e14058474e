"""Shares published twice: as counted, and corrected by what people said of a sample."""

from __future__ import annotations

import duckdb

from contracts.macros import macros


def install(connection: duckdb.DuckDBPyConnection) -> None:
    """
    Create the table macros `prediction_powered(counts, added)` and `corrected_shares(counts, labels_needed)`,
    and `wilson_interval(share, trials)`.

    `counts` names a relation: a table, a view, or a common table expression. The columns it needs and those it
    gets are listed in `corrected_shares.sql`. A database opened read-only takes no macro: attach it to a
    connection in memory. The SQL is that of the marts.
    """
    module = macros("corrected_shares")
    interval = module.default__wilson_interval("share", "trials")
    connection.execute(f"create or replace macro wilson_interval(share, trials) as {interval}")
    for name, parameter in (("prediction_powered", "added"), ("corrected_shares", "labels_needed")):
        query = getattr(module, f"default__{name}")("query_table(counts)", parameter)
        connection.execute(f"create or replace macro {name}(counts, {parameter}) as table {query}")

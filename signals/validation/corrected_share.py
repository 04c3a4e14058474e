"""Shares published twice: as counted, and corrected by what people said of a sample."""

from __future__ import annotations

from importlib.resources import files

import duckdb

LABELS_NEEDED = 50
"""Below this many labels a share is unvalidated: 50 labels alone know a share of one half to ±13 points."""


def install(connection: duckdb.DuckDBPyConnection) -> None:
    """
    Create the table macros `prediction_powered(counts, added)` and `corrected_shares(counts, labels_needed)`.

    `counts` names a relation: a table, a view, or a common table expression. The columns it needs and those it
    gets are listed in `corrected_share.sql`. A database opened read-only takes no macro: attach it to a
    connection in memory.
    """
    connection.execute(files(__package__).joinpath("corrected_share.sql").read_text("utf-8"))

"""What a materialization shows of a table: how many rows, and the first few of them."""

from __future__ import annotations

from typing import Any

import dagster as dg
import duckdb

PREVIEW_ROWS = 5
CELL = 60
"""Characters of a cell shown: a preview is a glance."""

HIDDEN_LAYERS = ("raw", "staging", "core", "taxonomy")
"""Layers that hold unmasked text: Dagster's pages are read by people who may not read that."""


def preview(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, Any]:
    """Row count, columns and, where text is masked, the first rows of `relation`, as Dagster metadata."""
    layer = relation.split(".")[1]
    ((is_view,),) = connection.execute(
        "select count(*) from duckdb_views() where database_name || '.' || schema_name || '.' || view_name = ?",
        [relation],
    ).fetchall()
    if is_view:
        # a view over what this run touched: counting it would build it once more
        return {}
    ((rows,),) = connection.execute(f"select count(*) from {relation}").fetchall()
    found: dict[str, Any] = {"dagster/row_count": int(rows)}
    if layer not in HIDDEN_LAYERS:
        found["preview"] = dg.MetadataValue.md(_markdown(connection, relation))
    return found


def _markdown(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    result = connection.execute(f"select * from {relation} limit {PREVIEW_ROWS}")
    names = [column[0] for column in result.description]
    lines = [" | ".join(names), " | ".join("---" for _ in names)]
    lines += [" | ".join(_cell(value) for value in row) for row in result.fetchall()]
    return "\n".join(f"| {line} |" for line in lines)


def _cell(value: object) -> str:
    # text of a ticket is hostile: nothing in it may become markup of the page
    text = "" if value is None else str(value)
    cut = text if len(text) <= CELL else text[: CELL - 1] + "…"
    return "".join(f"&#{ord(c)};" if c in "<>&|`[]()!*_" else c for c in cut).replace("\n", " ")

"""The tables of a build that hold conversations and are not built anew beneath a harm."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import duckdb

FACTS = (
    "conversations", "fct_conversations", "fct_messages", "fct_signals", "fct_conversation_tags",
)  # fmt: skip
"""Where a harm to records is planted: everything that metrics count follows from these."""


def beneath(manifest: Mapping[str, Any], names: Collection[str]) -> list[str]:
    """The tables that follow from these models and are built whole each time, by name; what they read stays."""
    models = {
        name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }
    grown = {
        name for name, node in models.items() if node["config"]["materialized"] == "incremental"
    }
    start = {name for name, node in models.items() if node["name"] in names}
    follow = (
        _reached(start, manifest["child_map"]) - grown - _reached(grown, manifest["parent_map"])
    )
    return sorted(
        models[name]["name"]
        for name in follow & models.keys()
        if models[name]["config"]["materialized"] == "table"
    )


def governed(manifest: Mapping[str, Any]) -> list[str]:
    """The tables that read every metric, by name."""
    return sorted(
        node["name"]
        for node in manifest["nodes"].values()
        if "governed" in node["tags"] and node["config"]["materialized"] == "table"
    )


def _reached(start: Collection[str], edges: Mapping[str, Collection[str]]) -> set[str]:
    found: set[str] = set()
    to_follow = list(start)
    while to_follow:
        new = set(edges.get(to_follow.pop(), ())) - found
        found |= new
        to_follow += new
    return found


def columns(
    connection: duckdb.DuckDBPyConnection, built: Collection[str]
) -> dict[str, dict[str, str]]:
    """
    Columns and their types of each table with a conversation_id that is neither raw nor among those built anew.
    """
    rows = connection.execute(
        """
        select format('{}.{}.{}', database_name, schema_name, table_name), column_name, data_type
        from duckdb_columns()
        where database_name in ('work', 'candidate')
            and schema_name not in ('raw', 'build')
            and not list_contains($built, table_name)
            and (database_name, schema_name, table_name) in (
                select (database_name, schema_name, table_name) from duckdb_tables()
            )
        order by all
        """,
        {"built": sorted(built)},
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return {table: kinds for table, kinds in found.items() if "conversation_id" in kinds}

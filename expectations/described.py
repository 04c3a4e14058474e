"""Tables that say in the file what they hold, where an analyst looks, as dbt does for the marts it builds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import duckdb

Kind = Literal["table", "view"]


def is_there(connection: duckdb.DuckDBPyConnection, kind: Kind, relation: str) -> bool:
    """Whether the database in use has a table or view of this name, written with its schema."""
    schema, name = relation.split(".")
    found = connection.execute(
        f"select 1 from duckdb_{kind}s()"
        f" where database_name = current_database() and schema_name = ? and {kind}_name = ?",
        [schema, name],
    )
    return bool(found.fetchall())


def make_anew(
    connection: duckdb.DuckDBPyConnection, table: str, grain: str, columns: Mapping[str, str]
) -> None:
    """An empty table in place of the one that was; `columns` are declarations (name and type) with meanings."""
    schema = table.split(".")[0]
    connection.execute(f"create schema if not exists {schema}")
    connection.execute(f"create or replace table {table} ({', '.join(columns)})")
    describe(connection, "table", table, grain, columns)


def describe(
    connection: duckdb.DuckDBPyConnection,
    kind: Kind,
    relation: str,
    grain: str,
    columns: Mapping[str, str],
) -> None:
    """Say of a table or view, and of its columns, what they mean."""
    connection.execute(f"comment on {kind} {relation} is '{_literal(grain)}'")
    for column, meaning in columns.items():
        name = column.split()[0]
        connection.execute(f"comment on column {relation}.{name} is '{_literal(meaning)}'")


def _literal(text: str) -> str:
    return text.replace("'", "''")

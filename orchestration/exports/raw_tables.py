"""Schema raw: the tables records are loaded into, and those that account for them."""

from collections.abc import Mapping

import duckdb

from contracts.exports import ExportDeclaration
from orchestration.exports.sql_text import name, parse_type
from orchestration.ledger import ADDED_TO_PROFILES, FIELD_PROFILES

_TABLES = {
    # One row per export and table; a refused file has no export_seq.
    "exports": """
        export_seq bigint, export_id varchar, source varchar, table_name varchar, file varchar,
        sha256 varchar, bytes bigint, mtime_ns bigint, format varchar, shape varchar,
        status varchar, reason varchar, seen bigint, kept bigint, duplicates bigint,
        quarantined bigint, stated_count bigint, loaded_at timestamptz, declaration varchar
    """,
    # What the pages of an export say of their listing: see pages.py.
    "pages": """
        export_seq bigint, page bigint, listing varchar, page_no bigint, stated bigint,
        is_stated_of_page boolean, is_last boolean, records bigint
    """,
    # Every name a content is known by, so that an unchanged file is not read to be recognised.
    "export_files": "source varchar, path varchar, size bigint, mtime_ns bigint, sha256 varchar",
    # Records stored by a load that has not been counted yet; what is left of one is removed.
    "unfinished": "export_seq bigint, identifier varchar",
    "duplicates": "export_seq bigint, position bigint, id varchar",
    # opened_at: of a conversation, where its text still tells.
    "quarantine": """
        export_seq bigint, export_id varchar, position bigint, reason varchar, text varchar,
        opened_at timestamptz
    """,
    "expected_counts": """
        source varchar, export_seq bigint, day date, slice_kind varchar, slice varchar,
        expected bigint, witness varchar
    """,
    "field_profiles": FIELD_PROFILES,
}

_ADDED = {
    "quarantine": ("opened_at timestamptz",),
    "field_profiles": ADDED_TO_PROFILES,
}
"""Columns that a work database made before them lacks."""

_ORIGIN = {
    "source": "varchar",
    "export_seq": "bigint",
    "position": "bigint",
    "record_hash": "ubigint",
}


def create(connection: duckdb.DuckDBPyConnection, declarations: list[ExportDeclaration]) -> None:
    """
    Create what is missing. A field declared since gets its column, and one whose structure was
    declared wider gets that, empty for earlier exports.
    """
    connection.execute("create schema if not exists raw")
    for table, columns in _TABLES.items():
        connection.execute(f"create table if not exists raw.{table} ({columns})")
    for table, added in _ADDED.items():
        for column in added:
            connection.execute(f"alter table raw.{table} add column if not exists {column}")
    present: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'raw'"
    ).fetchall():
        present.setdefault(table, {})[column] = kind
    for declared in declarations:
        for column, kind in declared.raw_columns.items():
            parse_type(f"{declared.source}.{declared.table}.{column}", kind)
        known = present.setdefault(declared.identifier, {})
        _create_records(connection, declared, known)
        known.update(declared.raw_columns)


def _create_records(
    connection: duckdb.DuckDBPyConnection, declared: ExportDeclaration, present: Mapping[str, str]
) -> None:
    columns, table = declared.raw_columns, f"raw.{name(declared.identifier)}"
    if not present:
        listed = ", ".join(f"{name(one)} {kind}" for one, kind in {**_ORIGIN, **columns}.items())
        connection.execute(f"create table {table} ({listed})")
        return
    for column, kind in columns.items():
        if column not in present:
            connection.execute(f"alter table {table} add column {name(column)} {kind}")
        elif "struct" in kind.lower() and present[column] not in (
            kind,
            _as_stored(connection, kind),
        ):
            connection.execute(f"alter table {table} alter {name(column)} type {kind}")


def _as_stored(connection: duckdb.DuckDBPyConnection, kind: str) -> str:
    """A type as DuckDB spells it."""
    return str(connection.execute(f"select typeof(null::{kind})").fetchall()[0][0])


def sweep(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove what a killed load left behind: records whose export was never counted."""
    for export_seq, identifier in connection.execute("from raw.unfinished").fetchall():
        connection.execute("begin")
        connection.execute(f"delete from raw.{name(identifier)} where export_seq = {export_seq}")
        connection.execute(f"delete from raw.unfinished where export_seq = {export_seq}")
        connection.execute("commit")


def forget(connection: duckdb.DuckDBPyConnection, export_seq: int, identifier: str) -> None:
    """Remove all that was stored of an export, within the caller's transaction."""
    told = [table for table, columns in _TABLES.items() if "export_seq" in columns]
    for table in [identifier, *told]:
        connection.execute(f"delete from raw.{name(table)} where export_seq = {export_seq}")


def insert_row(
    connection: duckdb.DuckDBPyConnection, table: str, values: dict[str, object]
) -> None:
    """One row into one of the accounting tables, by column name."""
    connection.execute(
        f"insert into raw.{table} ({', '.join(map(name, values))}) "
        f"values ({', '.join('?' for _ in values)})",
        list(values.values()),
    )

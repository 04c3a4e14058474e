"""Rows of Python into a table of DuckDB in one statement, and rows of DuckDB as Python has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from expectations.described import make_anew

Row = dict[str, Any]


def append(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]
) -> None:
    """Rows as one statement, column by column: row by row costs a millisecond each."""
    if not rows:
        return
    kinds = [str(column[1]) for column in connection.execute(f"describe {table}").fetchall()]
    columns = ", ".join(f"unnest(?::{kind}[])" for kind in kinds)
    connection.execute(
        f"insert into {table} select {columns}",
        [list(column) for column in zip(*rows, strict=True)],
    )


def renew(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    grain: str,
    columns: Mapping[str, str],
    rows: Sequence[tuple[object, ...]],
) -> bool:
    """
    Make a described table hold these rows and no others; False where it held them already.

    `columns` are declarations with meanings. A table that is as it should be is left alone, so that a run without
    news writes nothing.
    """
    connection.execute(f"create or replace temp table renewed ({', '.join(columns)})")
    append(connection, "temp.renewed", rows)
    stands = _stands(connection, table, columns)
    before = f"from {table}" if stands else "from temp.renewed limit 0"
    ((differing,),) = connection.execute(
        f"select count(*) from ((from temp.renewed except all ({before}))"
        f" union all (({before}) except all from temp.renewed))"
    ).fetchall()
    if differing or not stands:
        make_anew(connection, table, grain, columns)
        connection.execute(f"insert into {table} from temp.renewed")
    connection.execute("drop table temp.renewed")
    return bool(differing)


def _stands(connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str]) -> bool:
    """Whether the table is there as declared; an earlier version of this code may have declared it otherwise."""
    wanted = connection.execute("select column_name, column_type from (describe temp.renewed)")
    declared = [
        (*column, meaning)
        for column, meaning in zip(wanted.fetchall(), columns.values(), strict=True)
    ]
    found = connection.execute(
        "select column_name, data_type, comment from duckdb_columns() where database_name = current_database()"
        " and schema_name || '.' || table_name = ? order by column_index",
        [table],
    )
    return found.fetchall() == declared


def told(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Sequence[object] | dict[str, object] = (),
) -> list[Row]:
    """The rows a query tells, by the names of its columns."""
    result = connection.execute(query, parameters)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

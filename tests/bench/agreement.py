"""Whether two builds hold the same marts: a floor that does less would be no floor."""

from __future__ import annotations

from pathlib import Path

import duckdb


def mart_rows(path: Path) -> dict[str, int]:
    """The marts of a published build, and the rows of each."""
    with _opened(one=path) as connection:
        return {
            mart: _value(connection, f"select count(*) from one.marts.{mart}")
            for mart in _marts(connection, "one")
        }


def differing_rows(floor: Path, product: Path) -> dict[str, int]:
    """
    Of each mart that the floor writes, the rows that stand in one build and not in the other.

    Compared are the columns that the floor writes; the product may say more. Rows count as often as
    they occur.
    """
    with _opened(floor=floor, product=product) as connection:
        return {mart: _differing(connection, mart) for mart in _marts(connection, "floor")}


def _differing(connection: duckdb.DuckDBPyConnection, mart: str) -> int:
    columns = ", ".join(
        f'"{name}"'
        for (name,) in connection.execute(
            "select column_name from duckdb_columns()"
            " where database_name = 'floor' and schema_name = 'marts' and table_name = ?"
            " and column_name in (select column_name from duckdb_columns() where table_name = ?"
            " and database_name = 'product' and schema_name = 'marts')",
            [mart, mart],
        ).fetchall()
    )
    floor, product = (
        f"select {columns} from {which}.marts.{mart}" for which in ("floor", "product")
    )
    return sum(
        _value(connection, f"select count(*) from ({left} except all {right})")
        for left, right in ((floor, product), (product, floor))
    )


def _opened(**files: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    # the most a process ever held counts for those it starts too, and they are the ones measured
    connection.execute("set memory_limit = '1GB'")
    for name, path in files.items():
        connection.execute(f"attach '{path.resolve()}' as {name} (read_only)")
    return connection


def _marts(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables()"
        " where database_name = ? and schema_name = 'marts' order by 1",
        [database],
    ).fetchall()
    return [name for (name,) in rows]


def _value(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    ((found,),) = connection.execute(query).fetchall()
    return int(found)

"""DuckDB as Great Expectations has to see it: a SQLAlchemy dialect for files to be judged."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

import duckdb
from sqlalchemy import URL, exc, text
from sqlalchemy.dialects import postgresql, registry
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.types import NullType

if TYPE_CHECKING:
    from pathlib import Path

    from great_expectations.data_context import AbstractDataContext
    from great_expectations.datasource.fluent import SQLDatasource
    from sqlalchemy.engine import Connection
    from sqlalchemy.engine.interfaces import ReflectedColumn, ReflectedPrimaryKeyConstraint

COLUMNS = text(
    "select column_name, is_nullable from duckdb_columns()"
    " where database_name = current_database() and schema_name = :schema and table_name = :name"
    " order by column_index"
)


class ReadOnlyDuckDB(PGDialect):
    """
    DuckDB files opened to be judged: read-only, no transactions.

    DuckDB speaks PostgreSQL's SQL but has not its catalog, so reflection is answered from
    DuckDB's own tables. duckdb-engine's dialect is not used: under Great Expectations the
    compiler it registers keeps duckdb alive at exit, which prints forty lines of leak report.
    """

    name = "duckdb"
    driver = "readonly"
    default_paramstyle = "qmark"
    supports_statement_cache = True
    # DuckDB has neither; asking would be a query against PostgreSQL's settings
    supports_server_side_cursors = False
    supports_comments = False

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        return duckdb

    def create_connect_args(self, url: URL) -> tuple[list[str], dict[str, Any]]:
        # nothing but what was asked for: two connections of one process to a file must be
        # configured alike
        return [url.database or ":memory:"], {"read_only": True, "config": dict(url.query)}

    def initialize(self, connection: Connection) -> None:
        # PostgreSQL's version asks for settings that DuckDB does not have
        self.default_schema_name = "main"

    # Great Expectations closes the connection and fetches afterwards. A rollback between the two
    # would discard DuckDB's result, and there is nothing to roll back: judging only reads.
    def do_begin(self, dbapi_connection: Any) -> None: ...

    def do_commit(self, dbapi_connection: Any) -> None: ...

    def do_rollback(self, dbapi_connection: Any) -> None: ...

    def get_columns(
        self, connection: Connection, table_name: str, schema: str | None = None, **_: Any
    ) -> list[ReflectedColumn]:
        """Name and nullability of each column; types stay unknown, no expectation in use asks."""
        found = connection.execute(COLUMNS, {"schema": schema or "main", "name": table_name}).all()
        if not found:
            raise exc.NoSuchTableError(f"{schema or 'main'}.{table_name}")
        return [
            {"name": str(name), "type": NullType(), "nullable": bool(nullable), "default": None}
            for name, nullable in found
        ]

    def get_pk_constraint(
        self, connection: Connection, table_name: str, schema: str | None = None, **_: Any
    ) -> ReflectedPrimaryKeyConstraint:
        # SQLAlchemy's query needs pg_collation; Great Expectations only wants to know it is empty
        return {"constrained_columns": [], "name": None}


registry.register("duckdb.readonly", __name__, ReadOnlyDuckDB.__name__)


def open_read_only(
    context: AbstractDataContext, database: Path, memory_limit: str | None = None
) -> SQLDatasource:
    """
    The DuckDB file as a data source, ready for every kind of expectation.

    `memory_limit` is DuckDB's setting, as in "512MB"; past it, DuckDB spills to disk.

    Expectations on patterns are refused for unknown dialects, so the execution engine is told
    to write PostgreSQL's. On DuckDB 2.0 a pattern is searched for: anchor it.
    """
    source = context.data_sources.add_sql(
        name=database.stem,
        connection_string=str(_url(database, memory_limit)),
        create_temp_table=False,
    )
    source.get_execution_engine().dialect_module = postgresql
    return source


def rows_of(source: SQLDatasource, query: str) -> list[dict[str, Any]]:
    """
    What a query finds: Great Expectations tells of rows only where they fail. Nothing where it cannot be asked, of
    which Great Expectations says why.
    """
    try:
        with source.get_engine().connect() as connection:
            return [dict(row) for row in connection.exec_driver_sql(query).mappings()]
    except exc.SQLAlchemyError:
        return []


def close(source: SQLDatasource) -> None:
    """
    Let go of the file, so that the next writer in this process may open it.

    A data source holds two engines: its own and the execution engine's.
    """
    source.get_execution_engine().engine.dispose()
    source.get_engine().dispose()


def _url(database: Path, memory_limit: str | None) -> URL:
    settings = {"memory_limit": memory_limit} if memory_limit else {}
    return URL.create("duckdb+readonly", database=str(database), query=settings)

"""What a run brings into the build from elsewhere: labels and what moved from the ledger, contracts from dbt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from orchestration import signal_moves, taxonomy_moves
from orchestration.build_plan import digest, loaded_state
from orchestration.ledger import (
    METRIC_STRENGTHS,
    SIGNAL_MOVES,
    TAXONOMY_MOVES,
    VALIDATION_POPULATIONS,
    Ledger,
)
from orchestration.metrics import declared, field_changes, launches, rewrites, strengths
from orchestration.rows import append
from orchestration.stores import Stores
from orchestration.warehouse import read_metric_contracts
from orchestration.work import connect
from signals.validation import build_labels
from signals.validation.question import questions

TABLES = (
    "labels", "label_populations", "allowed_values", "signal_moves", "taxonomy_moves", "contracts",
    "field_changes", "metric_launches", "metric_rewrites", "metric_strengths",
)  # fmt: skip
"""Of the schema raw, each written anew, whole: they are small, and corrections change them."""


EXPORTS = "exports"
"""What the loader brought before, under the name of its table."""


def bring(stores: Stores, manifest: Mapping[str, Any]) -> dict[str, str]:
    """
    Write the tables, and return a digest of the rows of each, and one of the exports that the loader has brought.

    A label recorded since the marts were built changes one of these digests and nothing else, so only what reads
    that table need be built again.
    """
    allowed = [
        (each.signal, value) for each in questions(manifest).values() for value in each.values
    ]
    read = read_metric_contracts(manifest)
    with connect(stores) as work, Ledger.open(stores.ledger) as ledger:
        brought: list[tuple[str, Sequence[tuple[object, ...]]]] = [
            (build_labels.COLUMNS, _labels(stores, ledger)),
            (VALIDATION_POPULATIONS, build_labels.populations(ledger.connection)),
            ("signal varchar, value varchar", allowed),
            (SIGNAL_MOVES, signal_moves.read(ledger.connection)),
            (TAXONOMY_MOVES, taxonomy_moves.read(ledger.connection)),
            (declared.COLUMNS, declared.rows(read)),
            (field_changes.COLUMNS, field_changes.rows(work, ledger.connection, read.contracts)),
            (launches.COLUMNS, launches.baselines(ledger.connection, read.contracts)),
            (rewrites.COLUMNS, rewrites.read(ledger.connection)),
            (METRIC_STRENGTHS, strengths.read(ledger.connection)),
        ]
        work.execute("create schema if not exists raw")
        for table, (columns, rows) in zip(TABLES, brought, strict=True):
            write(work, f"raw.{table}", columns, rows)
        exports = loaded_state(work)
    return {EXPORTS: exports} | {
        table: digest([columns, rows])
        for table, (columns, rows) in zip(TABLES, brought, strict=True)
    }


def _labels(stores: Stores, ledger: Ledger) -> list[tuple[object, ...]]:
    """The labels, held against the marts as they stand, where there are any."""
    with duckdb.connect() as connection:
        if stores.candidate.exists():
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"attach '{stores.candidate}' as candidate (read_only)")
            connection.execute("use candidate")
        ((tables,),) = connection.execute(
            "select count(*) from duckdb_tables() where schema_name = 'marts'"
            " and table_name in ('fct_conversations', 'fct_messages')"
        ).fetchall()
        return build_labels.read(ledger.connection, connection if tables == 2 else None)


def write(
    build: duckdb.DuckDBPyConnection, table: str, columns: str, rows: Sequence[tuple[object, ...]]
) -> None:
    """Make a table of these rows, in the place of the one there is."""
    build.execute(f"create or replace table {table} ({columns})")
    append(build, table, rows)

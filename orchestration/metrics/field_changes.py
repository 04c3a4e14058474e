"""What became of the fields that contracts lock, export by export, worked out anew from the profiles of all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from importlib.resources import files

import duckdb

from contracts.contract import Contract
from expectations.suites.source_fields import remedy, told
from orchestration.exports.shown import parts_of
from orchestration.exports.sql_text import Type, parse_type
from orchestration.rows import Row, append
from orchestration.rows import told as rows_of

COLUMNS = """
    metric varchar, version varchar, source varchar, table_name varchar, field varchar, export_seq bigint,
    export_id varchar, file varchar, kind varchar, position bigint, "before" varchar, "after" varchar,
    measured double, bound double, is_settled boolean
"""
"""`raw.field_changes`."""

NOTE = "new field"
"""A change that nobody has to look at."""

_LOCKS = """
    metric varchar, version varchar, source varchar, table_name varchar, field varchar, fitting varchar[],
    is_set boolean, null_share_bound double, new_values_bound double, other_types_bound double, scale_bound double,
    records bigint, least bigint, known_from bigint
"""

_STEPS = ("field_changes_accepted.sql", "field_changes_measured.sql", "field_changes_named.sql")
"""Each reads what those before it leave."""

_POINT = (
    "metric varchar, version varchar, export_seq bigint, stood_at timestamptz, is_launch boolean"
)
_LOST = """
    export_seq bigint, export_id varchar, source varchar, table_name varchar, format varchar, file varchar,
    kept bigint
"""

_NUMBERS = ("whole number", "number", "quoted whole number", "quoted number")
_TIMES = ("day, year first", "day, year last", "time, year first", "time, year last")
_TEXTS = ("text", "quoted whole number", "quoted number", *_TIMES)
_FITTING = {
    "varchar": (*_NUMBERS, *_TEXTS, "true or false"),
    "bigint": ("whole number", "quoted whole number"),
    "double": _NUMBERS,
    "boolean": ("true or false", "text", "whole number"),
    "timestamptz": (*_TIMES, "text"),
}
"""By the type a contract locks, what values of it may look like; of other types nothing is known."""


def open_changes(rows: Sequence[Row]) -> list[Row]:
    """Those that somebody still has to look at."""
    return [row for row in rows if not row["is_settled"]]


def sentence(row: Row) -> str:
    """What became of a field in an export."""
    return told({**row, "slice": ".".join((row["source"], row["table_name"], row["field"]))})


def sentences(rows: Sequence[Row], files: Collection[str]) -> list[str]:
    """What is open in these files: what became of a field, which metrics rest on it, and what to do."""
    metrics: dict[str, list[str]] = {}
    for row in open_changes(rows):
        if row["file"] in files:
            metrics.setdefault(sentence(row), []).append(row["metric"])
    return [
        f"{said} Provisional until somebody has looked: {', '.join(names)}. "
        f"{remedy(names[0] if len(names) == 1 else 'METRIC')}"
        for said, names in metrics.items()
    ]


def are_launched(ledger: duckdb.DuckDBPyConnection) -> bool:
    """Whether there is a metric that a changed field could make provisional."""
    return bool(ledger.execute("select 1 from metric_launches limit 1").fetchall())


def find(
    work: duckdb.DuckDBPyConnection,
    ledger: duckdb.DuckDBPyConnection,
    contracts: Sequence[Contract],
) -> list[Row]:
    """
    Every change of a locked field in an export that came after its metric's launch.

    A launch accepts the exports before it, as a revalidation does those up to it: an export is compared with
    what was accepted before it, of its own source, table and format. Where nothing of these was, the first that
    come are taken as they are. So an export with a change that nobody looked at is never what others are
    compared with, and of a metric that was never launched there is nothing to tell.

    `work` is the work database, where temporary tables are made; the ledger knows exports that it has lost.
    """
    points = ledger.execute(_POINTS).fetchall()
    if not points:
        return []
    _table(work, "points", _POINT, points)
    _table(work, "locks", _LOCKS, [row for each in contracts for row in _locks(each)])
    _bring_lost(work, ledger)
    for statement in _statements():
        work.execute(statement)
    return rows_of(work, "from temp.found order by all")


def rows(
    work: duckdb.DuckDBPyConnection,
    ledger: duckdb.DuckDBPyConnection,
    contracts: Sequence[Contract],
) -> list[tuple[object, ...]]:
    """The same as `raw.field_changes` has them."""
    return [tuple(each.values()) for each in find(work, ledger, contracts)]


_POINTS = """
    with loaded as (
        select export_seq, min(loaded_at) as loaded_at
        from exports
        where export_seq is not null
        group by all
    ),
    launches as (
        select metric, version, min(launched_at) as since from metric_launches group by all
    )
    select metric, version, coalesce(max(export_seq), 0) as export_seq, since as stood_at, true as is_launch
    from launches
    left join loaded on loaded.loaded_at <= launches.since
    group by all
    union all
    select
        metric,
        launches.version,
        metric_revalidations.export_seq,
        revalidated_at as stood_at,
        false as is_launch
    from metric_revalidations
    inner join launches using (metric)
    where revalidated_at > launches.since
"""
"""Up to which export somebody stood by a version of a metric: by its launch, or by looking again."""


def _locks(contract: Contract) -> Iterator[tuple[object, ...]]:
    if contract.data is None:
        return
    bounds = contract.data.field_bounds
    for table, fields in contract.data.locked_fields.items():
        source, name = table.split(".", 1)
        for field, written in fields.items():
            for part, kind in _with_parts(field, parse_type(field, written)):
                yield (
                    contract.metric,
                    contract.version,
                    source,
                    name,
                    part,
                    list(_FITTING.get(kind.scalar, ())),
                    kind.scalar in ("varchar", "boolean"),
                    bounds.null_share,
                    bounds.new_values,
                    bounds.other_types,
                    bounds.scale,
                    bounds.records,
                    bounds.least,
                    bounds.known_from,
                )


def _with_parts(field: str, kind: Type) -> Iterator[tuple[str, Type]]:
    """A field, and where it is a structure or a list of them, each part as a field of its own."""
    yield field, kind
    for part, inside in parts_of(kind).items():
        yield f"{field}.{part}", inside


def _table(
    work: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Sequence[tuple[object, ...]]
) -> None:
    work.execute(f"create or replace temp table {name} ({columns})")
    append(work, f"temp.{name}", rows)


def _bring_lost(work: duckdb.DuckDBPyConnection, ledger: duckdb.DuckDBPyConnection) -> None:
    """What the ledger knows of exports whose file is gone since the work database was made anew."""
    here = work.execute("select export_seq from raw.exports where status = 'loaded'").fetchall()
    seqs = [seq for (seq,) in here]
    lost = "status = 'loaded' and not list_contains($1, export_seq)"
    exports = ledger.execute(
        f"select distinct on (export_seq) export_seq, export_id, source, table_name, format, file, kept"
        f" from exports where {lost} order by export_seq, loaded_at desc",
        [seqs],
    ).fetchall()
    _table(work, "lost_exports", _LOST, exports)
    work.execute("create or replace temp table lost_profiles as from raw.field_profiles limit 0")
    if exports:
        gone = [row[0] for row in exports]
        profiles = ledger.execute(
            "from field_profiles where list_contains($1, export_seq)", [gone]
        ).fetchall()
        append(work, "temp.lost_profiles", profiles)


def _statements() -> list[str]:
    folder = files(__package__)
    texts = [folder.joinpath(name).read_text(encoding="utf-8") for name in _STEPS]
    return [each for text in texts for each in text.split(";\n") if each.strip()]

"""Counts stated by somebody who did not load the records: expected.csv and control totals."""

import csv
import io
from collections.abc import Sequence
from typing import get_args

import duckdb

from contracts.exports import ExportDeclaration, SliceKind
from orchestration.exports import raw_tables, refusal
from orchestration.exports.quarantine import Quarantine
from orchestration.exports.received import ReceivedFile, head, is_gzip
from orchestration.exports.sql_text import literal

FILE_NAME = "expected.csv"
TABLE = "expected"
COLUMNS = ("day", "slice_kind", "slice", "expected")
SLICE_KINDS: tuple[str, ...] = get_args(SliceKind)


def is_expected_file(file: ReceivedFile) -> bool:
    return file.base_name.lower() == FILE_NAME


def load_expected(
    connection: duckdb.DuckDBPyConnection,
    file: ReceivedFile,
    export_seq: int,
    quarantine: Quarantine,
) -> int:
    """
    Store the counts of an expected.csv; the number of its rows.

    Rows that state no count are quarantined. Both slice columns are null for a day's total.
    """
    _check_header(file)
    columns = ", ".join(f"{literal(column)}: 'varchar'" for column in COLUMNS)
    connection.execute(
        f"""
        create or replace temp table stated as
        select
            row_number() over () as position,
            concat_ws(',', day, coalesce(slice_kind, ''), coalesce(slice, ''), expected) as text,
            try_strptime(trim(day), '%Y-%m-%d')::date as day,
            nullif(lower(trim(slice_kind)), '') as slice_kind,
            nullif(trim(slice), '') as slice,
            case when regexp_full_match(trim(expected), '[0-9]+')
                then try_cast(trim(expected) as bigint) end as expected
        from read_csv(
            {literal(file.path)}, columns={{{columns}}}, auto_detect=false, header=true,
            delim=',', quote='"', escape='"', strict_mode=true,
            compression={literal("gzip" if is_gzip(file.path) else "none")}
        )
        """
    )
    rows = connection.execute(
        f"""
        select position, text, case
            when day is null then 'states no day: write it as in 2026-01-31'
            when expected is null then 'states no count: write a whole number'
            when (slice_kind is null) <> (slice is null)
                then 'has only one of slice_kind and slice: fill both or neither'
            when slice_kind not in {SLICE_KINDS}
                then 'has the slice_kind ' || slice_kind || ': write {", ".join(SLICE_KINDS)}'
            when row_number() over (partition by day, slice_kind, slice order by position) > 1
                then 'states this day and slice a second time'
        end as reason
        from stated order by position
        """
    ).fetchall()
    for position, text, reason in rows:
        if reason:
            quarantine.add(position, reason, text)
    connection.execute(
        f"insert into raw.expected_counts select {literal(file.source)}, {export_seq}, day, "
        "slice_kind, slice, expected, 'manifest' from stated "
        f"where not list_contains({quarantine.positions}::bigint[], position)"
    )
    connection.execute("drop table stated")
    return len(rows)


def _check_header(file: ReceivedFile) -> None:
    text = head(file.path).removeprefix(b"\xef\xbb\xbf").decode(errors="replace")
    headers = next(csv.reader(io.StringIO(text, newline="")), [])
    if tuple(header.strip().lower() for header in headers) != COLUMNS:
        found = ", ".join(headers)[:80] or "nothing"
        raise refusal.Refusal(
            f"the header is {found}. Expected counts are headed {', '.join(COLUMNS)}."
        )


def declare_control_totals(
    connection: duckdb.DuckDBPyConnection, declarations: Sequence[ExportDeclaration]
) -> None:
    """Store the control totals as declared now; they replace those declared before."""
    connection.execute("begin")
    connection.execute("delete from raw.expected_counts where witness = 'declared'")
    for declared in declarations:
        for total in declared.control_totals:
            raw_tables.insert_row(
                connection,
                "expected_counts",
                {"source": declared.source, **total.model_dump(), "witness": "declared"},
            )
    connection.execute("commit")

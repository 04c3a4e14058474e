"""What the fields of one export looked like, so that a later change of one can be seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb

from contracts.exports import normal_header
from contracts.records import ROLES
from orchestration.exports.csv_text import csv_texts
from orchestration.exports.json_records import sample
from orchestration.exports.recognise import Recognised
from orchestration.exports.sql_text import name, parse_type

SAMPLED_RECORDS = 1_000
"""JSON types and undeclared fields are told from the first records: reading every field of a
million would cost as much as loading the declared ones three times."""

VALUES, VALUE_CHARACTERS = 50, 64
"""A field with more or longer values than these is described by its range, not its values."""

_FREE_TEXT = {"subject", "description", "body", "comment", "text", "title", "reason"}
_PERSONAL = {"email", "name", "customer", "url"}
"""Free text and personal data: their values do not go into the ledger."""

_COLUMNS = (
    "field, is_declared, present, records, json_types, null_share, distinct_values, value_set, "
    '"min", "max", sampled'
)


@dataclass(frozen=True)
class _Field:
    column: str
    has_values: bool


def store_profile(
    connection: duckdb.DuckDBPyConnection,
    recognised: Recognised,
    path: Path,
    export_seq: int,
    export_id: str,
) -> None:
    """
    One row per field into raw.field_profiles.

    Declared fields are counted over all kept records; `present` are those holding a value.
    JSON types, and everything of undeclared fields, come from a sample of the first records.
    """
    declared = recognised.declaration
    shown = _sample(recognised, path)
    rows = [*_declared(connection, recognised, export_seq, shown), *_undeclared(recognised, shown)]
    connection.executemany(
        f"insert into raw.field_profiles (export_seq, export_id, source, table_name, {_COLUMNS}) "
        f"values (?, ?, ?, ?, {', '.join('?' * 11)})",
        [(export_seq, export_id, declared.source, declared.table, *row) for row in rows],
    )


def _sample(recognised: Recognised, path: Path) -> list[dict[str, object]]:
    if recognised.format != "csv":
        assert recognised.layout is not None
        return sample(path, recognised.layout, recognised.key, SAMPLED_RECORDS)
    headers = [
        normal_header(header) or f"column_{place}"
        for place, header in enumerate(recognised.headers, 1)
    ]
    records = csv_texts(path, recognised.declaration, len(headers))
    return [
        {header: value or None for header, value in zip(headers, record.fields, strict=True)}
        for record in islice(records, SAMPLED_RECORDS)
        if not record.problem
    ]


def _fields(recognised: Recognised) -> dict[str, _Field]:
    declared = recognised.declaration
    kinds = ROLES[declared.record] if declared.format == "csv" else declared.columns
    fields = {}
    for field, kind in kinds.items():
        scalar = parse_type(field, kind).scalar
        has_values = scalar not in ("", "json") and field not in _FREE_TEXT | _PERSONAL
        fields[field] = _Field(declared.raw_column(field), has_values)
    return fields


def _declared(
    connection: duckdb.DuckDBPyConnection,
    recognised: Recognised,
    export_seq: int,
    shown: list[dict[str, object]],
) -> Iterator[tuple[object, ...]]:
    fields = _fields(recognised)
    records = f"from raw.{name(recognised.declaration.identifier)} where export_seq = {export_seq}"
    asked = ", ".join(_measures(field) for field in fields.values())
    total, *found = connection.execute(f"select count(*), {asked} {records}").fetchall()[0]
    measured = dict(
        zip(fields, (found[at : at + 4] for at in range(0, len(found), 4)), strict=True)
    )
    few = [field for field, (_, distinct, _, _) in measured.items() if 0 < (distinct or 0) <= 60]
    sets = _value_sets(connection, {field: fields[field].column for field in few}, records)
    for field, (present, distinct, low, high) in measured.items():
        values = sets.get(field)
        yield (
            field,
            True,
            present,
            total,
            _json_types(recognised, field, shown),
            1 - present / total if total else None,
            len(values) if values is not None else distinct,
            values,
            _short(low),
            _short(high),
            False,
        )


def _measures(field: _Field) -> str:
    column = name(field.column)
    if not field.has_values:
        return f"count({column}), null, null, null"
    return (
        f"count({column}), approx_count_distinct({column}), "
        f"min({column})::varchar, max({column})::varchar"
    )


def _value_sets(
    connection: duckdb.DuckDBPyConnection, columns: dict[str, str], records: str
) -> dict[str, list[str]]:
    if not columns:
        return {}
    listed = ", ".join(
        f"list_sort(list(distinct {name(column)}::varchar) filter ({name(column)} is not null))"
        for column in columns.values()
    )
    found = connection.execute(f"select {listed} {records}").fetchall()[0]
    return {
        field: values
        for field, values in zip(columns, found, strict=True)
        if values and len(values) <= VALUES and max(map(len, values)) <= VALUE_CHARACTERS
    }


def _undeclared(
    recognised: Recognised, shown: list[dict[str, object]]
) -> Iterator[tuple[object, ...]]:
    declared = recognised.declaration
    known = (
        {normal_header(header) for role in declared.roles for header in declared.headers(role)}
        if declared.format == "csv"
        else set(declared.columns)
    )
    for field in sorted({key for record in shown for key in record} - known):
        present = sum(record.get(field) is not None for record in shown)
        types = sorted({_json_type(record[field]) for record in shown if field in record})
        share = 1 - present / len(shown)
        yield field[:200], False, present, len(shown), types, share, None, None, None, None, True


def _json_types(recognised: Recognised, field: str, shown: list[dict[str, object]]) -> list[str]:
    """The JSON types a field has in the sample; none where no record has the key at all."""
    if recognised.format == "csv":
        wanted = {normal_header(one) for one in recognised.declaration.headers(field)}
        found = {_json_type(record[key]) for record in shown for key in wanted & record.keys()}
    else:
        found = {_json_type(record[field]) for record in shown if field in record}
    return sorted(found)


def _json_type(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return "BOOLEAN"
        case int():
            return "BIGINT"
        case float():
            return "DOUBLE"
        case str():
            return "VARCHAR"
        case list():
            return "ARRAY"
    return "OBJECT"


def _short(value: str | None) -> str | None:
    return value if value is None or len(value) <= VALUE_CHARACTERS else None

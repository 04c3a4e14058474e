"""What the fields of one export looked like, so that a later change of one can be seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import md5
from itertools import islice
from pathlib import Path

import duckdb

from contracts.exports import ExportDeclaration, normal_header
from contracts.records import ROLES
from orchestration.exports.csv_text import csv_texts
from orchestration.exports.json_records import sample
from orchestration.exports.recognise import Recognised
from orchestration.exports.refusal import MissingColumn, Refusal
from orchestration.exports.shown import (
    FREE_TEXT,
    PERSONAL,
    VALUE_CHARACTERS,
    VALUES,
    Sample,
    Shown,
    parts_of,
)
from orchestration.exports.sql_text import Type, literal, name, parse_type
from orchestration.rows import append

SAMPLED_RECORDS = 1_000
"""What values look like, and undeclared fields, are told from the first records: reading every field of a
million would cost as much as loading the declared ones three times."""

DIGESTED_VALUES = 20
"""An undeclared field with more values is no set of states that a field gone before could have had."""


@dataclass(frozen=True)
class _Field:
    column: str
    has_values: bool


_Row = tuple[object, ...]


def store_profile(
    connection: duckdb.DuckDBPyConnection,
    recognised: Recognised,
    path: Path,
    export_seq: int,
    export_id: str,
) -> None:
    """
    One row per field into raw.field_profiles; a part of a structure is a field of its own (`comments.public`).

    Declared fields are counted over all kept records; `present` are those holding a value. What values look
    like, parts of structures, and everything of undeclared fields come from a sample of the first records,
    quarantined ones among them: a record is often refused for what has become of a field.
    """
    declared = recognised.declaration
    shown, undeclared = _sample(recognised, path)
    rows = [
        *_declared(connection, recognised, export_seq, shown),
        *_parts(shown, _fields(recognised)),
        *_undeclared(undeclared),
    ]
    origin = (export_seq, export_id, declared.source, declared.table)
    append(connection, "raw.field_profiles", [(*origin, *row) for row in rows])


def store_refused(
    connection: duckdb.DuckDBPyConnection, why: MissingColumn, path: Path, export_id: str
) -> None:
    """The same of a file that was refused for a column it lacks: a lock is to say which."""
    recognised = Recognised(why.declared, "csv", "CSV", headers=why.headers)
    try:
        shown, undeclared = _sample(recognised, path)
    except Refusal:
        # cut off besides: its first sentence stands
        return
    origin = (None, export_id, why.declared.source, why.declared.table)
    rows = [*_parts(shown, {}), *_undeclared(undeclared)]
    append(connection, "raw.field_profiles", [(*origin, *row) for row in rows])


def _sample(recognised: Recognised, path: Path) -> tuple[dict[str, Shown], dict[str, Shown]]:
    """What declared fields show, with their parts, and what the others do."""
    if recognised.format == "csv":
        return _sample_of_csv(recognised, path)
    assert recognised.layout is not None
    kinds = {
        field: _inside(recognised.declaration, field) or parse_type(field, kind)
        for field, kind in recognised.declaration.columns.items()
    }
    sampled = Sample(kinds, is_text=False)
    sampled.add(sample(path, recognised.layout, recognised.key, SAMPLED_RECORDS))
    parts = {f"{field}.{part}" for field, kind in kinds.items() for part in parts_of(kind)}
    known = sorted({*kinds} | parts)
    return (
        {field: sampled.fields.get(field, Shown()) for field in known},
        {field: shown for field, shown in sampled.fields.items() if field not in known},
    )


def _inside(declared: ExportDeclaration, field: str) -> Type | None:
    """A json column of which parts are declared, as the structure that these make."""
    parts = tuple(
        (part.removeprefix(f"{field}."), parse_type(part, kind))
        for part, kind in declared.parts.items()
        if part.startswith(f"{field}.")
    )
    return Type(fields=parts) if parts else None


def _sample_of_csv(recognised: Recognised, path: Path) -> tuple[dict[str, Shown], dict[str, Shown]]:
    """The same by role; headers that play none are fields nobody declared."""
    declared = recognised.declaration
    headers = [
        normal_header(header) or f"column_{place}"
        for place, header in enumerate(recognised.headers, 1)
    ]
    wanted = {role: [*map(normal_header, declared.headers(role))] for role in declared.roles}
    played = {
        role: next(one for one in named if one in headers)
        for role, named in wanted.items()
        if {*named} & {*headers}
    }
    others = {*headers} - {one for named in wanted.values() for one in named}
    kinds = {role: parse_type(role, ROLES[declared.record][role]) for role in wanted}
    of_roles = Sample(kinds, is_text=True)
    of_others = Sample({}, is_text=True)
    records: list[tuple[int, dict[str, str | None]]] = []
    for text in islice(csv_texts(path, declared, len(headers)), SAMPLED_RECORDS):
        if not text.problem:
            held = [None if each.strip() in declared.nulls else each for each in text.fields]
            record = dict(zip(headers, held, strict=True))
            records.append((text.position, record))
    of_roles.add(
        [(at, {role: record[one] for role, one in played.items()}) for at, record in records]
    )
    of_others.add([(at, {one: record[one] for one in others}) for at, record in records])
    return of_roles.fields, of_others.fields


def _fields(recognised: Recognised) -> dict[str, _Field]:
    declared = recognised.declaration
    kinds = ROLES[declared.record] if declared.format == "csv" else declared.columns
    fields = {}
    for field, kind in kinds.items():
        scalar = parse_type(field, kind).scalar
        has_values = scalar not in ("", "json") and field not in FREE_TEXT | PERSONAL
        fields[field] = _Field(declared.raw_column(field), has_values)
    return fields


def _declared(
    connection: duckdb.DuckDBPyConnection,
    recognised: Recognised,
    export_seq: int,
    shown: dict[str, Shown],
) -> Iterator[_Row]:
    fields = _fields(recognised)
    records = f"from raw.{name(recognised.declaration.identifier)} where export_seq = {export_seq}"
    asked = ", ".join(_measures(field) for field in fields.values())
    total, *found = connection.execute(f"select count(*), {asked} {records}").fetchall()[0]
    measured = dict(
        zip(fields, (found[at : at + 5] for at in range(0, len(found), 5)), strict=True)
    )
    few = [field for field, (_, distinct, *_) in measured.items() if 0 < (distinct or 0) <= 60]
    sets = _value_sets(connection, {field: fields[field].column for field in few}, records)
    for field, (present, distinct, low, high, missing) in measured.items():
        values = sets.get(field)
        seen = shown.get(field, Shown())
        if seen.first_missing is None:
            seen.first_missing = missing
        yield (
            field,
            True,
            present,
            total,
            sorted(seen.types),
            1 - present / total if total else None,
            len(values) if values is not None else distinct,
            [value for value, _, _ in values] if values is not None else None,
            _short(low),
            _short(high),
            False,
            *_looks(seen),
            [records for _, records, _ in values] if values is not None else None,
            [position for _, _, position in values] if values is not None else None,
            None,
        )


def _measures(field: _Field) -> str:
    column = name(field.column)
    missing = f"min(position) filter ({column} is null)"
    if not field.has_values:
        return f"count({column}), null, null, null, {missing}"
    return (
        f"count({column}), approx_count_distinct({column}), "
        f"min({column})::varchar, max({column})::varchar, {missing}"
    )


def _value_sets(
    connection: duckdb.DuckDBPyConnection, columns: dict[str, str], records: str
) -> dict[str, list[tuple[str, int, int]]]:
    """The values of each of these fields, with the records that hold one and the position of the first."""
    if not columns:
        return {}
    counted = " union all ".join(
        f"select {literal(field)}, {name(column)}::varchar, count(*), min(position) {records}"
        f" and {name(column)} is not null group by all"
        for field, column in columns.items()
    )
    found: dict[str, list[tuple[str, int, int]]] = {}
    for field, *value in sorted(connection.execute(counted).fetchall()):
        found.setdefault(field, []).append((value[0], value[1], value[2]))
    return {
        field: values
        for field, values in found.items()
        if len(values) <= VALUES and max(len(value) for value, _, _ in values) <= VALUE_CHARACTERS
    }


def _parts(shown: dict[str, Shown], fields: dict[str, _Field]) -> Iterator[_Row]:
    for field, seen in shown.items():
        if field not in fields:
            values = _told(seen)
            yield (
                *_seen(field, True, seen),
                [*values] if values else None,
                None,
                None,
                True,
                *_looks(seen),
                [records for records, _ in values.values()] if values else None,
                [position for _, position in values.values()] if values else None,
                None,
            )


def _undeclared(shown: dict[str, Shown]) -> Iterator[_Row]:
    """Of a field that nobody declared no value is kept: nobody has said that it holds no personal data."""
    for field, seen in sorted(shown.items()):
        values = _told(seen)
        digests = [md5(each.encode()).hexdigest()[:8] for each in values]
        yield (
            *_seen(field[:200], False, seen),
            *(None, None, None, True),
            *_looks(seen),
            *(None, None),
            digests if 0 < len(digests) <= DIGESTED_VALUES else None,
        )


def _seen(field: str, is_declared: bool, seen: Shown) -> _Row:
    present = sum(records for records, _ in seen.looks.values())
    share = 1 - seen.filled / seen.records if seen.records else None
    return field, is_declared, present, seen.records, sorted(seen.types), share, None


def _told(seen: Shown) -> dict[str, list[int]]:
    """The values of a field that has a set of them: each stands in several records."""
    values = seen.values or {}
    return values if seen.filled >= 5 * len(values) else {}


def _looks(seen: Shown) -> _Row:
    return (
        seen.records,
        seen.keyed,
        seen.filled,
        seen.first_missing,
        [*seen.looks],
        [records for records, _ in seen.looks.values()],
        [position for _, position in seen.looks.values()],
        seen.quartiles,
    )


def _short(value: str | None) -> str | None:
    return value if value is None or len(value) <= VALUE_CHARACTERS else None

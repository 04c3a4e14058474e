"""CSV records as DuckDB reads them: every column as text, then each role as its declared type."""

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

from contracts.exports import ExportDeclaration, TagColumns, normal_header
from contracts.records import ROLES
from orchestration.exports.csv_text import csv_texts
from orchestration.exports.csv_times import time_value
from orchestration.exports.quarantine import Quarantine
from orchestration.exports.received import is_gzip
from orchestration.exports.record_id import plain_id
from orchestration.exports.sql_text import literal, name

_IDS = ("id", "account", "organization")
"""The roles that name a record. Not the customer, who may be known by a telephone number."""

_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")

LINE_BYTES = 16 << 20
"""DuckDB holds several buffers of the longest line; a longer record takes the careful path."""

LONGEST_LINE_BYTES = 64 << 20
"""A longer record is quarantined: the buffers for it would not fit into memory."""


def columns(headers: tuple[str, ...]) -> list[str]:
    """Columns are read by place: headers may be empty, repeated, or not names at all."""
    return [f"c{number}" for number in range(1, len(headers) + 1)]


def read(
    path: Path,
    headers: tuple[str, ...],
    declared: ExportDeclaration,
    line_bytes: int = LINE_BYTES,
) -> str:
    """A FROM clause with every column as text; strict, so a record that is not CSV raises."""
    listed = ", ".join(f"{literal(column)}: 'varchar'" for column in columns(headers))
    return (
        f"read_csv({literal(path)}, columns={{{listed}}}, auto_detect=false, header=true, "
        f"delim={literal(declared.delimiter)}, quote={literal(declared.quote)}, "
        f"escape={literal(declared.quote)}, strict_mode=true, null_padding=false, "
        f"max_line_size={line_bytes}, buffer_size={2 * line_bytes}, "
        f"compression={literal('gzip' if is_gzip(path) else 'none')})"
    )


def insert(
    declared: ExportDeclaration, headers: tuple[str, ...], export_seq: int, records: str
) -> str:
    """
    The statement that stores records as received.

    `position` first holds, as bits, which roles could not be read as their type: the next step
    sends those records to quarantine and gives the others their position.
    """
    roles = role_values(declared, headers)
    kinds = ROLES[declared.record]
    typed = ", ".join(f"{_typed(declared, role, text)} as r_{role}" for role, text in roles.items())
    lost = " + ".join(
        f"case when r_{role} is null and {roles[role]} is not null then {1 << bit} else 0 end"
        for bit, role in enumerate(checked_roles(declared, headers))
    )
    packed = ", ".join(
        f"{literal(role)}: " + (f"r_{role}" if role in roles else f"null::{kind}")
        for role, kind in kinds.items()
    )
    stored = ["source", "export_seq", "position", "record_hash", *declared.raw_columns]
    picked = "".join(f", record.{name(role)}" for role in kinds)
    return f"""
        insert into raw.{name(declared.identifier)} ({", ".join(map(name, stored))})
        select {literal(declared.source)}, {export_seq}, lost, hash(record){picked}
        from (
            select {{{packed}}} as record, {lost or "0"} as lost
            from (select *, {typed} from {records})
        )
    """


def checked_roles(declared: ExportDeclaration, headers: tuple[str, ...]) -> list[str]:
    """The roles whose text can fail to be their type; their order is that of the bits."""
    kinds = ROLES[declared.record]
    return [
        role
        for role in role_values(declared, headers)
        if kinds[role] not in ("varchar", "varchar[]")
    ]


def role_values(declared: ExportDeclaration, headers: tuple[str, ...]) -> Mapping[str, str]:
    """Role -> the SQL of its text as received (null where empty or a declared null)."""
    places = {normal_header(header): f"c{place}" for place, header in enumerate(headers, 1)}
    values = {}
    for role in ROLES[declared.record]:
        present = [
            places[wanted]
            for one in declared.headers(role)
            if (wanted := normal_header(one)) in places
        ]
        if not present:
            continue
        if role == "tags":
            values[role] = _tags(declared, present)
        else:
            text = _or_null(declared, present[0])
            values[role] = plain_id(text) if role in _IDS else text
    return values


def _or_null(declared: ExportDeclaration, column: str) -> str:
    nulls = ", ".join(literal(one) for one in ("", *declared.nulls))
    return f"case when trim({column}) not in ({nulls}) then {column} end"


def _tags(declared: ExportDeclaration, present: list[str]) -> str:
    tags = declared.roles["tags"]
    separator = tags.separator if isinstance(tags, TagColumns) else None
    lists = [
        f"string_split({_or_null(declared, column)}, {literal(separator)})"
        if separator
        else f"[{_or_null(declared, column)}]"
        for column in present
    ]
    joined = f"list_concat({', '.join(lists)})" if len(lists) > 1 else lists[0]
    trimmed = f"list_transform({joined}, lambda tag: trim(tag))"
    return f"coalesce(list_filter({trimmed}, lambda tag: tag <> ''), [])"


def _typed(declared: ExportDeclaration, role: str, text: str) -> str:
    match ROLES[declared.record][role]:
        case "timestamptz":
            return time_value(declared, text)
        case "bigint":
            whole = f"regexp_full_match(trim({text}), '[+-]?[0-9]+(\\.0*)?')"
            return (
                f"case when {whole} then try_cast(split_part(trim({text}), '.', 1) as bigint) end"
            )
        case "double":
            number = f"try_cast(trim({text}) as double)"
            return f"case when isfinite({number}) then {number} end"
        case "boolean":
            return (
                f"case when lower(trim({text})) in {_TRUE} then true "
                f"when lower(trim({text})) in {_FALSE} then false end"
            )
    return text


def write_readable(
    path: Path,
    headers: tuple[str, ...],
    declared: ExportDeclaration,
    target: Path,
    quarantine: Quarantine,
    on_records: Callable[[int], None],
) -> tuple[int, int]:
    """
    The careful path: copy the records that are CSV to `target`, quarantine the rest, and return
    how many were seen and the bytes of the longest. DuckDB's lenient mode shifts columns instead.
    """
    seen = longest = 0
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(
            stream,
            delimiter=declared.delimiter,
            quotechar=declared.quote,
            quoting=csv.QUOTE_ALL,
            lineterminator="\n",
        )
        writer.writerow(headers)
        for record in csv_texts(path, declared, len(headers)):
            seen, size = record.position, len(record.text.encode(errors="replace"))
            if record.problem or size > LONGEST_LINE_BYTES:
                problem = record.problem or f"is larger than {LONGEST_LINE_BYTES >> 20} MB"
                quarantine.add(seen, problem, record.text)
            else:
                writer.writerow(record.fields)
                longest = max(longest, size)
            if seen % 100_000 == 0:
                on_records(seen)
    return seen, longest


def lost_reason(
    declared: ExportDeclaration, headers: tuple[str, ...], fields: list[str], lost: int
) -> str:
    """Why a record is refused, from the bits of the roles that could not be read."""
    places = {normal_header(header): place for place, header in enumerate(headers)}
    said = []
    for bit, role in enumerate(checked_roles(declared, headers)):
        if lost >> bit & 1:
            header = next(one for one in declared.headers(role) if normal_header(one) in places)
            found = fields[places[normal_header(header)]][:40]
            kind = ROLES[declared.record][role]
            formats = ", ".join(declared.time_formats) or "a declared time format (none is)"
            said.append(
                f"{header} is {found}: not a time in one reading of {formats}"
                if kind == "timestamptz"
                else f"{header} is {found}: not a {kind}"
            )
    return "; ".join(said)

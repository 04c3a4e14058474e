"""JSON records as DuckDB reads them: every column declared, nothing typed by sample."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb

from contracts.exports import ExportDeclaration
from orchestration.exports.json_text import RECORD_BYTES, Layout, Text, texts
from orchestration.exports.json_types import misfit
from orchestration.exports.quarantine import Quarantine
from orchestration.exports.received import is_gzip
from orchestration.exports.record_id import plain_id
from orchestration.exports.sql_text import literal, name

FIRST_OBJECT_BYTES, NEXT_OBJECT_BYTES = 16 << 20, 64 << 20
"""Each reading thread holds two buffers of this size, so the larger is only a second try."""

CHUNK_RECORDS = 2_048
CHUNK_CHARACTERS = 32 << 20
"""The careful path reads by this many records: one bad one costs checking no more than these."""

CHECKED_CHARACTERS = 1 << 20
"""The check of single fields copies a record for each of them: it takes so much text at a time,
and a longer record is only tried as a whole."""

_TIME = re.compile(r"\b(timestamptz|timestamp with time zone)\b", re.IGNORECASE)

BadText = tuple[Text, str]
"""A record and why it is refused."""

_FORMATS = {"lines": "newline_delimited", "array": "array", "objects": "unstructured"}


def record_source(
    path: Path,
    layout: Layout,
    key: str | None,
    declared: ExportDeclaration,
    object_bytes: int = FIRST_OBJECT_BYTES,
) -> str:
    """A FROM clause with one struct column `record` per record, in the order of the file."""
    if declared.time_zone == "UTC":
        return _record_source(path, layout, key, declared.columns, object_bytes)
    # read_json takes a time without an offset for UTC; a cast reads it in the session's zone.
    as_text = {field: _TIME.sub("varchar", kind) for field, kind in declared.columns.items()}
    records = _record_source(path, layout, key, as_text, object_bytes)
    return f"(select record::struct({_fields(declared.columns)}) as record from {records})"


def _record_source(
    path: Path, layout: Layout, key: str | None, fields: Mapping[str, str], object_bytes: int
) -> str:
    if layout.inner == "bare":
        packed = ", ".join(f"{literal(field)}: {name(field)}" for field in fields)
        return f"(select {{{packed}}} as record from {_read(path, layout, fields, object_bytes)})"
    assert key is not None
    list_mark, pick = ("[]", "unnest({})") if layout.inner == "page" else ("", "{}")
    columns = {key: f"struct({_fields(fields)}){list_mark}"}
    picked = pick.format(name(key))
    return f"(select {picked} as record from {_read(path, layout, columns, object_bytes)})"


def _fields(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{name(field)} {kind}" for field, kind in columns.items())


def _read(path: Path, layout: Layout, columns: Mapping[str, str], object_bytes: int) -> str:
    listed = ", ".join(f"{literal(column)}: {literal(kind)}" for column, kind in columns.items())
    return (
        f"read_json({literal(path)}, format={literal(_FORMATS[layout.container])}, "
        f"columns={{{listed}}}, sample_size=1, maximum_object_size={object_bytes}, "
        f"compression={literal('gzip' if is_gzip(path) else 'none')})"
    )


def insert(declared: ExportDeclaration, export_seq: int, records: str) -> str:
    """The statement that stores records as received; positions follow from the rows' order."""
    columns = ["source", "export_seq", "position", "record_hash", *declared.raw_columns]
    fields = "".join(f", {_stored(field, kind)}" for field, kind in declared.columns.items())
    return (
        f"insert into raw.{name(declared.identifier)} ({', '.join(map(name, columns))}) "
        f"select {literal(declared.source)}, {export_seq}, 0, hash(record){fields} from {records}"
    )


def _stored(field: str, kind: str) -> str:
    value = f"record.{name(field)}"
    if field != "id" or kind.lower() != "varchar":
        return value
    # a float is judged by what was written, once the record has its place
    return f"case when contains({value}, '.') then {value} else {plain_id(value)} end"


@dataclass
class CarefulRead:
    """
    Stores the readable records of an export that DuckDB refuses as a whole, chunk by chunk.

    `read_json`'s own `ignore_errors` is no way out: after a malformed line it returned the next
    good record empty (DuckDB 2.0).
    """

    connection: duckdb.DuckDBPyConnection
    path: Path
    layout: Layout
    key: str | None
    declared: ExportDeclaration
    export_seq: int
    folder: Path

    def run(self, quarantine: Quarantine, on_records: Callable[[int], None]) -> int:
        """Insert what is readable and quarantine the rest; the number of records seen."""
        seen = 0
        for chunk in _chunks(texts(self.path, self.layout, self.key)):
            seen += len(chunk)
            for text in chunk:
                if text.problem:
                    quarantine.add(text.position, text.problem, text.text)
            for text, reason in self._store([text for text in chunk if not text.problem]):
                quarantine.add(text.position, reason, text.text)
            on_records(seen)
        return seen

    @property
    def _unit(self) -> Layout:
        return Layout("lines", "wrapped" if self.layout.inner == "wrapped" else "bare")

    def _store(self, chunk: list[Text]) -> list[BadText]:
        reads = self._reads(chunk)
        bad = [] if reads else self._all_misfits(chunk)
        good = _without(chunk, bad)
        bad += [] if reads else self._unread_one_by_one(good)
        good = _without(good, bad)
        if good:
            self.connection.execute(insert(self.declared, self.export_seq, self._written(good)))
        return bad

    def _written(self, chunk: list[Text]) -> str:
        file = self.folder / "chunk.ndjson"
        with file.open("w", encoding="utf-8", newline="") as stream:
            for text in chunk:
                # A line break inside a JSON record can only stand between its values.
                stream.write(text.text.replace("\r", " ").replace("\n", " ") + "\n")
        room = min(RECORD_BYTES, max(FIRST_OBJECT_BYTES, file.stat().st_size + 1_024))
        return record_source(file, self._unit, self.key, self.declared, room)

    def _reads(self, chunk: list[Text]) -> bool:
        """Whether DuckDB reads these records; asked on a cursor, which fails by itself."""
        if not chunk:
            return True
        cursor = self.connection.cursor()
        try:
            rows = cursor.execute(f"select count(hash(record)) from {self._written(chunk)}")
            return bool(rows.fetchall()[0][0] == len(chunk))
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            return False
        finally:
            cursor.close()

    def _all_misfits(self, chunk: list[Text]) -> list[BadText]:
        short = (text for text in chunk if len(text.text) <= CHECKED_CHARACTERS)
        return [bad for few in _chunks(short, CHECKED_CHARACTERS) for bad in self._misfits(few)]

    def _misfits(self, chunk: list[Text]) -> list[BadText]:
        file = self.folder / "texts.ndjson"
        with file.open("w", encoding="utf-8", newline="") as stream:
            for text in chunk:
                stream.write(json.dumps({"position": text.position, "text": text.text}) + "\n")
        cursor = self.connection.cursor()
        key = self.key if self.layout.inner == "wrapped" else None
        found = cursor.execute(misfit(file, self.declared, key)).fetchall()
        cursor.close()
        by_position = {text.position: text for text in chunk}
        return [
            (by_position[position], reason or _malformed(by_position[position].text))
            for position, reason in found
        ]

    def _unread_one_by_one(self, chunk: list[Text]) -> list[BadText]:
        """What is left of a chunk DuckDB still refuses, halved until the records stand alone."""
        if not chunk or self._reads(chunk):
            return []
        if len(chunk) == 1:
            return [(chunk[0], "cannot be read as JSON of the declared types")]
        half = len(chunk) // 2
        return self._unread_one_by_one(chunk[:half]) + self._unread_one_by_one(chunk[half:])


def _chunks(
    records: Iterator[Text], most_characters: int = CHUNK_CHARACTERS
) -> Iterator[list[Text]]:
    chunk: list[Text] = []
    characters = 0
    for text in records:
        chunk.append(text)
        characters += len(text.text)
        if len(chunk) == CHUNK_RECORDS or characters > most_characters:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def _without(chunk: list[Text], bad: list[BadText]) -> list[Text]:
    gone = {text.position for text, _ in bad}
    return [text for text in chunk if text.position not in gone]


def _malformed(text: str) -> str:
    """Why a text is no JSON that can be stored, in a sentence."""
    try:
        json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        said = error.msg.lower().removesuffix(" starting at")
        return f"is not JSON at its character {error.pos + 1:,}: {said}"
    except (RecursionError, ValueError) as error:
        return f"is not JSON: {error}"
    return "holds a lone surrogate (half of a character), which cannot be stored as text"


def _no_number(constant: str) -> float:
    raise ValueError(f"{constant} is not a JSON number")


def sample(
    path: Path, layout: Layout, key: str | None, records: int
) -> list[tuple[int, dict[str, object]]]:
    """The first records of an export with their positions, unwrapped, for a look at their fields."""
    found = []
    for text in islice(texts(path, layout, key), records):
        try:
            value = json.loads(text.text)
        except (json.JSONDecodeError, RecursionError):
            continue
        value = value.get(key) if layout.inner == "wrapped" and isinstance(value, dict) else value
        if isinstance(value, dict):
            found.append((text.position, value))
    return found

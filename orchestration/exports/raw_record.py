"""A conversation exactly as it was received, found again in its export by position."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from contracts.errors import ExportError
from contracts.exports import ExportDeclaration
from contracts.records import CONVERSATION_RECORDS
from orchestration.exports import refusal
from orchestration.exports.csv_text import CsvText, csv_texts
from orchestration.exports.json_text import Text, texts
from orchestration.exports.received import ReceivedFile, digest, members
from orchestration.exports.recognise import Recognised, recognise
from orchestration.exports.sql_text import name


@dataclass(frozen=True)
class RawRecord:
    """
    One record as received: the exact text of the export at that position (1 = first record).

    Exact repeats of another record are among them, marked.
    """

    source: str
    table: str
    export_id: str
    export_seq: int
    file: str
    position: int
    is_duplicate: bool
    text: str


@dataclass(frozen=True)
class _Place:
    declared: ExportDeclaration
    export_id: str
    export_seq: int
    file: str
    sha256: str
    size: int
    mtime_ns: int
    position: int
    is_duplicate: bool


def raw_records(
    connection: duckdb.DuckDBPyConnection,
    exports: Path,
    declarations: Sequence[ExportDeclaration],
    conversation_id: str,
) -> list[RawRecord]:
    """
    Every version of a conversation as received, in the order loaded.

    `conversation_id` is `<source>:<id>`, or an id alone to look in every source. Raises
    ExportError where an export is no longer there as it was loaded.
    """
    places = [
        place
        for declared in declarations
        if declared.record in CONVERSATION_RECORDS
        for place in _places(connection, declared, conversation_id)
    ]
    places.sort(key=lambda one: (one.export_seq, one.position))
    found = []
    for export_seq in dict.fromkeys(one.export_seq for one in places):
        of_export = [one for one in places if one.export_seq == export_seq]
        found += _texts(connection, exports, declarations, of_export)
    return found


@dataclass(frozen=True)
class RefusedRecord:
    """A quarantined record that names a conversation: where it stands and why it was refused."""

    file: str
    position: int
    reason: str


def refused_records(
    connection: duckdb.DuckDBPyConnection, conversation_id: str
) -> list[RefusedRecord]:
    """
    The quarantined records whose text holds the id of a conversation, standing alone.

    What is broken cannot be read, so this may find a record that only mentions the id.
    """
    source, _, identity = conversation_id.rpartition(":")
    rows = connection.execute(
        """
        select exports.file, quarantine.position, quarantine.reason
        from raw.quarantine inner join raw.exports using (export_seq)
        where ($source = '' or exports.source = $source)
            and contains(quarantine.text, $id)
            and regexp_matches(quarantine.text, '(^|[^0-9A-Za-z])' || $pattern || '($|[^0-9A-Za-z])')
        order by exports.file, quarantine.position
        limit 10
        """,
        {"source": source, "id": identity, "pattern": re.escape(identity)},
    ).fetchall()
    return [RefusedRecord(*row) for row in rows]


def _places(
    connection: duckdb.DuckDBPyConnection, declared: ExportDeclaration, conversation_id: str
) -> Iterator[_Place]:
    source, colon, identity = conversation_id.partition(":")
    if not colon:
        source, identity = declared.source, conversation_id
    if source != declared.source:
        return
    rows = connection.execute(
        f"""
        with versions as (
            select export_seq, position, false as is_duplicate
            from raw.{name(declared.identifier)} where source = $source and id = $id
            union all
            select export_seq, position, true from raw.duplicates where id = $id
        )
        select export_id, export_seq, file, sha256, bytes, mtime_ns, position, is_duplicate
        from versions inner join raw.exports using (export_seq)
        where exports.source = $source and exports.table_name = $table
        """,
        {"source": source, "id": identity, "table": declared.table},
    ).fetchall()
    for row in rows:
        yield _Place(declared, *row)


def _texts(
    connection: duckdb.DuckDBPyConnection,
    exports: Path,
    declarations: Sequence[ExportDeclaration],
    places: list[_Place],
) -> list[RawRecord]:
    first = places[0]
    names = [first.file] + [
        row[0]
        for row in connection.execute(
            "select path from raw.export_files where source = ? and sha256 = ? order by path",
            [first.declared.source, first.sha256],
        ).fetchall()
    ]
    declared = [one for one in declarations if one.source == first.declared.source]
    for shown in dict.fromkeys(names):
        for file in received_files(exports, first.declared.source, shown):
            if _is_the_same(file, first):
                for one in recognise(file, declared):
                    if one.declaration.table == first.declared.table:
                        return _read(file, one, places)
    raise ExportError(
        f"{first.file} is no longer among the exports as it was loaded, so the record cannot be "
        f"shown. Put it back under {exports}."
    )


def _is_the_same(file: ReceivedFile, place: _Place) -> bool:
    if (file.name, file.size, file.mtime_ns) == (place.file, place.size, place.mtime_ns):
        return True
    return digest(file.path).sha256 == place.sha256


def received_files(exports: Path, source: str, shown: str) -> Iterator[ReceivedFile]:
    """The file of that name, or the member of a zip unpacked for as long as it is looked at."""
    path = exports / shown
    if path.is_file():
        stat = path.stat()
        yield ReceivedFile(source, shown, path, stat.st_size, stat.st_mtime_ns)
        return
    for archive in path.parents:
        if archive.is_file():
            inside = ReceivedFile(source, archive.relative_to(exports).as_posix(), archive, 0, 0)
            with tempfile.TemporaryDirectory() as folder:
                for member in members(inside, Path(folder)):
                    if isinstance(member, ReceivedFile) and member.name == shown:
                        yield member
            return


def record_texts(path: Path, recognised: Recognised) -> Iterator[CsvText | Text]:
    """Every record of a file for one table, as received, in order."""
    if recognised.layout is None:
        return csv_texts(path, recognised.declaration, len(recognised.headers))
    return texts(path, recognised.layout, recognised.key)


def _read(file: ReceivedFile, recognised: Recognised, places: list[_Place]) -> list[RawRecord]:
    wanted = {place.position: place for place in places}
    last, found = max(wanted), []
    for record in record_texts(file.path, recognised):
        if place := wanted.get(record.position):
            found.append(
                RawRecord(
                    place.declared.source,
                    place.declared.table,
                    place.export_id,
                    place.export_seq,
                    file.name,
                    place.position,
                    place.is_duplicate,
                    record.text,
                )
            )
        if record.position == last:
            return found
    raise refusal.Refusal(f"{file.name} holds no record {last:,}.")

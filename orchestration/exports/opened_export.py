"""The last export of a table, opened again where it was received: its records as they stand in the file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import duckdb

from contracts.exports import ExportDeclaration
from orchestration.exports.raw_record import received_files, record_texts
from orchestration.exports.recognise import Recognised, recognise
from orchestration.exports.refusal import Refusal


@dataclass(frozen=True)
class Opened:
    """A file with the records of one table, to be read once: `texts` are those of its records, in order."""

    source: str
    stem: str
    recognised: Recognised
    texts: Iterator[str] = field(compare=False)

    @property
    def is_csv(self) -> bool:
        return self.recognised.layout is None

    @property
    def delimiter(self) -> str:
        return self.recognised.declaration.delimiter

    @property
    def quote(self) -> str:
        return self.recognised.declaration.quote

    def records(self) -> Iterator[dict[str, Any]]:
        """Its records by the names the file has for their fields, without those that are broken."""
        for text in self.texts:
            try:
                yield self._record(text)
            except ValueError:
                continue

    def _record(self, text: str) -> dict[str, Any]:
        if self.is_csv:
            row = next(csv.reader([text], delimiter=self.delimiter, quotechar=self.quote))
            return dict(zip(self.recognised.headers, row, strict=False))
        held = json.loads(text)
        if self.recognised.key and held.keys() == {self.recognised.key}:
            held = held[self.recognised.key]
        return dict(held)

    def key_of(self, name: str) -> str:
        """What the file calls a declared field."""
        role = self.recognised.declaration.roles.get(name, name) if self.is_csv else name
        names = (
            [role] if isinstance(role, str) else list(role) if isinstance(role, tuple) else [name]
        )
        return next((each for each in names if each in self.recognised.headers), names[0])

    def later(self, record: dict[str, Any]) -> dict[str, Any]:
        """A copy of a record as it is sent a second later: of two of one time neither is known as the newer."""
        at = record.get("generated_timestamp")
        return {**record, "generated_timestamp": at + 1} if isinstance(at, int) else dict(record)

    def wrapped(self, record: dict[str, Any]) -> dict[str, Any]:
        """A record as a line of its file holds it."""
        layout, key = self.recognised.layout, self.recognised.key
        if layout is None or key is None or layout.inner == "bare":
            return record
        return {key: [record]} if layout.inner == "page" else {key: record}


@contextmanager
def open_last(
    connection: duckdb.DuckDBPyConnection,
    exports: Path,
    declarations: Sequence[ExportDeclaration],
    source: str,
    table: str,
) -> Iterator[Opened | None]:
    """The last export of a table that is still where it was received; None where none is. `work` is attached."""
    declared = [each for each in declarations if each.source == source]
    files = connection.execute(
        "select file from work.raw.exports"
        " where source = $1 and table_name = $2 and status = 'loaded' and kept > 0"
        " order by export_seq desc",
        [source, table],
    ).fetchall()
    for (shown,) in files:
        for file in received_files(exports, source, shown):
            try:
                found = [
                    each for each in recognise(file, declared) if each.declaration.table == table
                ]
            except Refusal:
                continue
            if found:
                stem = PurePosixPath(shown).name.split(".")[0]
                records = record_texts(file.path, found[0])
                texts = (record.text for record in records if not record.problem)
                yield Opened(source, stem, found[0], texts)
                return
    yield None

"""The records of one file into their raw table: the fast way, or carefully where that fails."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.exports import csv_records, json_records, raw_tables
from orchestration.exports.quarantine import Quarantine
from orchestration.exports.received import Digest, is_gzip
from orchestration.exports.recognise import Recognised
from orchestration.exports.sql_text import literal

CONTENT_ERRORS = (duckdb.InvalidInputException, duckdb.ConversionException)
"""What DuckDB raises for what a file holds."""


@dataclass
class RecordRead:
    """One reading of a file for one table. `digested` waits for the file's digest."""

    connection: duckdb.DuckDBPyConnection
    path: Path
    recognised: Recognised
    export_seq: int
    folder: Path
    digested: Callable[[], Digest]
    on_records: Callable[[int], None]

    def store(self, quarantine: Quarantine) -> int:
        """
        Store the records in a transaction left open; the number of records seen.

        Records that cannot be read at all are quarantined.
        """
        if not self._may_hold_nul():
            for records in self._ways():
                self._begin()
                try:
                    seen = self._insert(records)
                except CONTENT_ERRORS as error:
                    self.connection.execute("rollback")
                    if "maximum_object_size" in str(error):
                        continue
                    break
                if self._agrees(seen):
                    return seen
                self.connection.execute("rollback")
                break
        self._begin()
        return self._read_carefully(quarantine)

    def _may_hold_nul(self) -> bool:
        """DuckDB reads NUL bytes in a CSV as text; one is the mark of a damaged file."""
        return self.recognised.format == "csv" and self.digested().has_nul

    def _ways(self) -> list[str]:
        recognised = self.recognised
        if recognised.layout is None:
            return [csv_records.read(self.path, recognised.headers, recognised.declaration)]
        return [
            json_records.record_source(
                self.path, recognised.layout, recognised.key, recognised.declaration, size
            )
            for size in (json_records.FIRST_OBJECT_BYTES, json_records.NEXT_OBJECT_BYTES)
        ]

    def _begin(self) -> None:
        # Casts read JSON times without an offset in the session's zone; CSV names its own.
        declared = self.recognised.declaration
        self.connection.execute(f"set TimeZone = {literal(declared.time_zone)}")
        self.connection.execute("begin")
        row = {"export_seq": self.export_seq, "identifier": declared.identifier}
        raw_tables.insert_row(self.connection, "unfinished", row)
        self.on_records(0)

    def _insert(self, records: str) -> int:
        declared = self.recognised.declaration
        if self.recognised.layout is None:
            headers = self.recognised.headers
            statement = csv_records.insert(declared, headers, self.export_seq, records)
        else:
            statement = json_records.insert(declared, self.export_seq, records)
        return int(self.connection.execute(statement).fetchall()[0][0])

    def _agrees(self, seen: int) -> bool:
        """Whether counting line ends gives the number of records DuckDB read, where it can."""
        if is_gzip(self.path):
            return True
        counted, layout = self.digested(), self.recognised.layout
        unended = 0 if counted.ends_with_newline else 1
        if layout is None:
            return counted.newlines_outside_quotes + unended == seen + 1
        if layout.container == "lines":
            return counted.newlines + unended == seen
        return True

    def _read_carefully(self, quarantine: Quarantine) -> int:
        recognised, declared = self.recognised, self.recognised.declaration
        if recognised.layout is None:
            readable, headers = self.folder / "readable.csv", recognised.headers
            seen, longest = csv_records.write_readable(
                self.path, headers, declared, readable, quarantine, self.on_records
            )
            # twice: every field is quoted there, and every quote in it doubled
            room = max(csv_records.LINE_BYTES, 2 * longest)
            self._insert(csv_records.read(readable, headers, declared, room))
            readable.unlink()
            return seen
        careful = json_records.CarefulRead(
            self.connection,
            self.path,
            recognised.layout,
            recognised.key,
            declared,
            self.export_seq,
            self.folder,
        )
        return careful.run(quarantine, self.on_records)

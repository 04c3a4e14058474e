"""One file's way into its raw table: read, counted by a second witness, accounted for, stored."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from contracts.exports import ExportDeclaration
from orchestration.exports import pages, raw_tables, refusal
from orchestration.exports.account import Account, Counts
from orchestration.exports.comment_tickets import name_tickets
from orchestration.exports.expected import TABLE, is_expected_file, load_expected
from orchestration.exports.known import KnownExports
from orchestration.exports.profile import store_profile
from orchestration.exports.quarantine import Quarantine
from orchestration.exports.received import Digest, DigestBeside, ReceivedFile, digest
from orchestration.exports.recognise import Recognised, other_keys, recognise
from orchestration.exports.record_read import RecordRead
from orchestration.exports.reports import LoadReport, OnProgress, Phase, Progress

DIGEST_FIRST_BYTES = 64 << 20
"""Below this a digest takes a few hundredths of a second, and a known content is not read again;
above, it is taken beside DuckDB's reading."""


class FileLoad:
    """
    Loads one file for every table it feeds.

    Records are stored in one transaction and made to count in the next, which also gives them
    their positions: changing rows before they are committed makes DuckDB write the whole file
    again, on one thread (1M tickets: 9.5 s of 30). `raw.unfinished` names what lies between.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        known: KnownExports,
        file: ReceivedFile,
        declared: Sequence[ExportDeclaration],
        folder: Path,
        on_progress: OnProgress,
    ) -> None:
        self._connection = connection
        self._known = known
        self._file = file
        self._declared = declared
        self._folder = folder
        self._on_progress = on_progress
        self._digest: Digest | None = None
        self._beside: DigestBeside | None = None

    def run(self) -> list[LoadReport]:
        """Load the file. Raises Refusal; the caller gives up what is unfinished."""
        if is_expected_file(self._file):
            if not any("manifest" in one.expected for one in self._declared):
                raise refusal.not_heard(self._file.source)
            self._start_digest()
            return [self._expected()]
        tables, values = self._tables()
        self._start_digest(tables[0])
        try:
            return [self._table(one, self._pages(one, values, len(tables))) for one in tables]
        finally:
            if self._beside:
                self._beside.join()

    def sha_if_known(self) -> str | None:
        """The digest of the file as received, unless it was not read or cannot be."""
        try:
            if not self._digest and not self._beside and self._file.size <= DIGEST_FIRST_BYTES:
                self._start_digest()
            return self._digested().sha256
        except OSError:
            return None

    def _start_digest(self, recognised: Recognised | None = None) -> None:
        # In JSON quotes are many and tell nothing, and to count between them costs most.
        is_csv = recognised is not None and recognised.format == "csv"
        quote = recognised.declaration.quote.encode() if recognised and is_csv else b""
        size = self._file.size
        if size <= DIGEST_FIRST_BYTES or self._known.may_be_known(size):
            self._say("hashing")
            self._digest = digest(self._file.path, quote)
        else:
            self._beside = DigestBeside(
                self._file.path, quote, lambda done: self._say("reading", bytes_done=done)
            )

    def _digested(self) -> Digest:
        if self._digest is None:
            if self._beside is None:
                raise OSError("the file was never read")
            self._digest = self._beside.result()
        return self._digest

    def _tables(self) -> tuple[list[Recognised], Sequence[pages.Values]]:
        """The tables the file feeds, and its pages, where it has any."""
        tables = recognise(self._file, self._declared)
        layout = tables[0].layout
        if layout is None or layout.inner != "page":
            return tables, []
        values = pages.read_pages(self._connection, self._file.path, layout)
        keys = sorted({key for page in values for key in page})
        more = other_keys(self._file, tables[0], keys, self._declared)
        tables += [one for one in more if one.key not in {table.key for table in tables}]
        return tables, values

    def _pages(
        self, recognised: Recognised, values: Sequence[pages.Values], tables: int
    ) -> list[pages.Page]:
        """What the pages say of a table's records, where its declaration hears them."""
        if recognised.key is None or "stated" not in recognised.declaration.expected:
            return []
        return pages.pages_of(values, recognised.key, is_only_list=tables == 1)

    def _table(self, recognised: Recognised, said: list[pages.Page]) -> LoadReport:
        table = recognised.declaration.table
        if self._digest:
            self._known.forget_outdated(self._file, self._digest.sha256, table)
            if known := self._known_load(table):
                return known
        sha = self._digest.sha256 if self._digest else None
        export_seq = self._known.sequence(sha, self._file.source, table)
        with Quarantine(self._folder, recognised) as quarantine:
            read = RecordRead(
                self._connection,
                self._file.path,
                recognised,
                export_seq,
                self._folder,
                self._digested,
                lambda records: self._say("reading", records),
            )
            seen = read.store(quarantine)
            if self._known.loaded(self._file, self._digested().sha256, table):
                self._connection.execute("rollback")
                self._connection.execute("set TimeZone = 'UTC'")
                known = self._known_load(table)
                assert known is not None
                return known
            if not seen and not pages.ends_a_listing(said):
                raise refusal.no_records("a header" if recognised.format == "csv" else "lists")
            self._connection.execute("commit")
            self._connection.execute("set TimeZone = 'UTC'")
            self._say("checking", seen)
            self._connection.execute("begin")
            export_id = self._export_id(table)
            name_tickets(self._connection, recognised.declaration, self._declared, export_seq)
            account = Account(self._connection, recognised, self._file.path, export_seq, export_id)
            counts = account.settle(seen, quarantine)
            store_profile(self._connection, recognised, self._file.path, export_seq, export_id)
            pages.store_pages(self._connection, export_seq, said)
            self._say("storing", seen)
            stated = pages.stated_count(said)
            return self._finish(
                table, export_seq, counts, recognised.format, recognised.shape, stated
            )

    def _known_load(self, table: str) -> LoadReport | None:
        known = self._known.loaded(self._file, self._digested().sha256, table)
        if known:
            self._known.remember(self._file, self._digested().sha256)
        return known

    def _export_id(self, table: str) -> str:
        return f"{self._file.source}.{table}:{self._digested().sha256[:16]}"

    def _expected(self) -> LoadReport:
        if known := self._known_load(TABLE):
            return known
        sha = self._digested().sha256
        export_seq = self._known.sequence(sha, self._file.source, TABLE)
        with Quarantine(self._folder) as quarantine:
            self._connection.execute("begin")
            seen = load_expected(self._connection, self._file, export_seq, quarantine)
            if not seen:
                raise refusal.no_records("a header")
            bad = len(quarantine.positions)
            quarantine.store(self._connection, export_seq, self._export_id(TABLE))
            counts = Counts(seen, seen - bad, 0, bad)
            return self._finish(TABLE, export_seq, counts, "csv", "expected counts", None)

    def _finish(
        self,
        table: str,
        export_seq: int,
        counts: Counts,
        read_as: str,
        shape: str,
        stated: int | None,
    ) -> LoadReport:
        """Make the export count: its row, its name, and the end of the transaction."""
        stored = counts.kept + counts.duplicates + counts.quarantined
        if counts.seen != stored:
            raise refusal.uncounted(counts.seen, stored)
        file, export_id = self._file, self._export_id(table)
        row = {
            "export_seq": export_seq,
            "export_id": export_id,
            "source": file.source,
            "table_name": table,
            "file": file.name,
            "sha256": self._digested().sha256,
            "bytes": file.size,
            "mtime_ns": file.mtime_ns,
            "format": read_as,
            "shape": shape,
            "status": "loaded",
            **vars(counts),
            "stated_count": stated,
            "loaded_at": datetime.now(UTC),
            "declaration": self._known.declared_as(file.source, table),
        }
        raw_tables.insert_row(self._connection, "exports", row)
        self._connection.execute(f"delete from raw.unfinished where export_seq = {export_seq}")
        self._known.forget_refusal(file)
        self._known.remember(file, self._digested().sha256)
        self._connection.execute("commit")
        return LoadReport(
            file.source,
            table,
            file.name,
            "loaded",
            export_id,
            export_seq,
            **vars(counts),
            bytes=file.size,
        )

    def _say(self, phase: Phase, records: int = 0, bytes_done: int = 0) -> None:
        self._on_progress(Progress(self._file.name, phase, bytes_done, self._file.size, records))

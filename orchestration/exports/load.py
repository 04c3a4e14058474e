"""Exports into schema raw: every file whole or not at all, each content once."""

import errno
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from contracts.errors import ExportError
from contracts.exports import ExportDeclaration
from orchestration.exports import expected, raw_tables, refusal
from orchestration.exports.comment_tickets import comes_first
from orchestration.exports.folder import find_files
from orchestration.exports.known import ARCHIVE, KnownExports, declaration_digest
from orchestration.exports.load_file import FileLoad
from orchestration.exports.profile import store_refused
from orchestration.exports.received import ReceivedFile, is_zip, members
from orchestration.exports.record_read import CONTENT_ERRORS
from orchestration.exports.reports import LoadReport, OnProgress, Progress, unreported
from orchestration.ledger import Ledger

_FOLDER_PREFIX = ".assay-loading-"

_FILE_ERRORS = (*CONTENT_ERRORS, duckdb.IOException, duckdb.OutOfMemoryException)
"""What DuckDB raises for a file's sake; any other error is a defect and is not hidden."""


def load_exports(
    connection: duckdb.DuckDBPyConnection,
    exports: Path,
    declarations: Sequence[ExportDeclaration],
    ledger: Ledger,
    on_progress: OnProgress = unreported,
) -> list[LoadReport]:
    """
    Load every export not loaded before, and say of each file what became of it.

    `connection` is to the work database, in no transaction. Files are loaded in the order the
    ledger knows them, new ones by source, audits first, and name, so a rebuild gives the same
    numbers. Raises ExportError where nothing can be loaded at all or the disk is full; what was loaded stays.
    """
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set preserve_insertion_order = true")
    # left to itself DuckDB tries every compression on every text: 3.2 s of CPU per 100,000 tickets and
    # 102 MB, against 2.0 s and 45 MB
    connection.execute("pragma force_compression = 'zstd'")
    raw_tables.create(connection, list(declarations))
    raw_tables.sweep(connection)
    ledger.record(connection)
    expected.declare_control_totals(connection, declarations)
    found = find_files(exports, declarations)
    reports = [
        LoadReport(source, "", name, "refused", reason=reason)
        for source, name, reason in found.refused
    ]
    order = ledger.order()
    files = sorted(
        found.files,
        key=lambda one: (
            order.get((one.name, one.size, one.mtime_ns), float("inf")),
            one.source,
            not comes_first(declarations, one.source, one.base_name),
            one.name,
        ),
    )
    with _folder(connection) as folder:
        load = _Load(connection, declarations, ledger, on_progress, folder)
        for file in files:
            reports += load.one(file)
    return reports + load.left_as_they_were()


@contextmanager
def _folder(connection: duckdb.DuckDBPyConnection) -> Iterator[Path]:
    """A folder beside the work database; what a killed load left there is removed first."""
    paths = connection.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    parent = Path(paths[0][0]).parent if paths and paths[0][0] else None
    if parent:
        for left in parent.glob(f"{_FOLDER_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_FOLDER_PREFIX, dir=parent) as folder:
        yield Path(folder)


class _Load:
    """One run over the files of a folder."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        declarations: Sequence[ExportDeclaration],
        ledger: Ledger,
        on_progress: OnProgress,
        folder: Path,
    ) -> None:
        self._connection = connection
        self._ledger = ledger
        self._on_progress = on_progress
        self._folder = folder
        self._known = KnownExports(connection, ledger, declarations)
        self._declared: dict[str, list[ExportDeclaration]] = {}
        for one in declarations:
            self._declared.setdefault(one.source, []).append(one)
        self._digests = {
            source: declaration_digest(tables) for source, tables in self._declared.items()
        }

    def one(self, file: ReceivedFile) -> list[LoadReport]:
        """Load a file, or say why not; the members of a zip are files of their own."""
        known = self._known.unchanged(file, self._digests[file.source])
        if known is not None:
            return known
        try:
            is_archive = is_zip(file.path)
        except OSError as error:
            return [self._refuse(file, None, _refusal_of(error, file))]
        return self._archive(file) if is_archive else self._plain(file)

    def left_as_they_were(self) -> list[LoadReport]:
        """Exports whose declaration has changed and that could not be read again, with a sentence each."""
        return [replace(one, reason=refusal.not_read_again()) for one in self._known.outdated()]

    def _archive(self, archive: ReceivedFile) -> list[LoadReport]:
        reports: list[LoadReport] = []
        try:
            for member in members(archive, self._folder):
                if isinstance(member, ReceivedFile):
                    known = self._known.unchanged(member, self._digests[archive.source])
                    reports += known if known is not None else self._plain(member)
                else:
                    name, why = member
                    refused = ReceivedFile(archive.source, name, archive.path, 0, archive.mtime_ns)
                    reports.append(self._refuse(refused, None, why))
        except (refusal.Refusal, OSError) as error:
            return [*reports, self._refuse(archive, None, _refusal_of(error, archive))]
        with transaction(self._connection):
            self._known.remember(archive, ARCHIVE)
        return reports

    def _plain(self, file: ReceivedFile) -> list[LoadReport]:
        load = FileLoad(
            self._connection,
            self._known,
            file,
            self._declared[file.source],
            self._folder,
            self._on_progress,
        )
        try:
            reports = load.run()
        except (refusal.Refusal, OSError, *_FILE_ERRORS) as error:
            self._clean_up()
            # What memory or disk refused is tried again each time; what the content did, is not.
            is_of_content = isinstance(error, (refusal.Refusal, *CONTENT_ERRORS))
            sha = load.sha_if_known() if is_of_content else None
            return [self._refuse(file, sha, _refusal_of(error, file))]
        except BaseException:
            self._clean_up()
            raise
        self._ledger.record(self._connection)
        self._on_progress(Progress(file.name, "loaded", file.size, file.size))
        return reports

    def _clean_up(self) -> None:
        rollback(self._connection)
        self._connection.execute("set TimeZone = 'UTC'")
        raw_tables.sweep(self._connection)

    def _refuse(self, file: ReceivedFile, sha: str | None, why: refusal.Refusal) -> LoadReport:
        """Remember a refused file in place of what was said of it before."""
        row = {
            "export_id": f"{file.source}:{sha[:16] if sha else file.name}",
            "source": file.source,
            "file": file.name,
            "sha256": sha,
            "bytes": file.size,
            "mtime_ns": file.mtime_ns,
            "status": "refused",
            "reason": str(why),
            "loaded_at": datetime.now(UTC),
            "declaration": self._digests[file.source],
        }
        zeros = dict.fromkeys(("seen", "kept", "duplicates", "quarantined"), 0)
        with transaction(self._connection):
            self._known.forget_refusal(file)
            raw_tables.insert_row(self._connection, "exports", {**row, **zeros})
            if isinstance(why, refusal.MissingColumn):
                store_refused(self._connection, why, file.path, str(row["export_id"]))
        self._ledger.record(self._connection)
        return LoadReport(file.source, "", file.name, "refused", reason=str(why), bytes=file.size)


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of it or nothing."""
    connection.execute("begin")
    try:
        yield
    except BaseException:
        rollback(connection)
        raise
    connection.execute("commit")


def rollback(connection: duckdb.DuckDBPyConnection) -> None:
    """Give up the transaction, if there is one."""
    try:
        connection.execute("rollback")
    except duckdb.TransactionException:
        return  # there was none


def _refusal_of(error: Exception, file: ReceivedFile) -> refusal.Refusal:
    """An error met while reading a file as the sentence to show; raises when loading must stop."""
    if isinstance(error, refusal.Refusal):
        return error
    said = str(error)
    if getattr(error, "errno", None) == errno.ENOSPC or "No space left" in said:
        raise ExportError(
            f"{file.name}: the disk is full, so this file is not loaded. What was loaded stays. "
            "Free some room and run again."
        ) from error
    if isinstance(error, duckdb.OutOfMemoryException):
        return refusal.too_big_for_memory()
    if "GZIP" in said or "gzip" in said:
        return refusal.truncated("gzip archive")
    if isinstance(error, OSError):
        return refusal.unreadable(error.strerror or said)
    return refusal.unreadable(said.split("\n")[0])

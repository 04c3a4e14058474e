"""Which contents were loaded or refused before, under which names, numbers and declarations."""

from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from typing import Literal

import duckdb

from contracts.exports import ExportDeclaration
from orchestration.exports import raw_tables
from orchestration.exports.received import ReceivedFile
from orchestration.exports.reports import LoadReport
from orchestration.ledger import Ledger

ARCHIVE = "archive"
"""Stands for the digest of a zip, whose members are the exports and have digests of their own."""

_REPORTED = (
    "source, table_name, file, status, export_id, export_seq, reason, seen, kept, duplicates, "
    "quarantined, bytes"
)


_OF_NO_ROW = {"files", "control_totals"}
"""Parts of a declaration that say which files and counts there are, not what is read from one."""


def reading_digest(declared: ExportDeclaration) -> str:
    """Changes when the records of a table would be read otherwise: its exports are then loaded again."""
    stated = declared.model_dump_json(exclude=_OF_NO_ROW)
    return sha256(stated.encode()).hexdigest()[:16]


def declaration_digest(declared: list[ExportDeclaration]) -> str:
    """Changes when the declarations of a source do: a refused file is then tried again."""
    stated = "\n".join(one.model_dump_json() for one in declared)
    return sha256(stated.encode()).hexdigest()[:16]


class KnownExports:
    """What the build (schema raw) and the ledger know of exports."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        ledger: Ledger,
        declarations: Sequence[ExportDeclaration],
    ) -> None:
        self._connection = connection
        self._ledger = ledger
        self._identifiers = {(one.source, one.table): one.identifier for one in declarations}
        self._digests = {(one.source, one.table): reading_digest(one) for one in declarations}

    def unchanged(self, file: ReceivedFile, declaration: str) -> list[LoadReport] | None:
        """What became of a file of this name, size and time of change; None to read it."""
        refused = self._reports(
            "source = ? and file = ? and bytes = ? and mtime_ns = ? and status = 'refused' "
            "and sha256 is not null and declaration = ?",
            [file.source, file.name, file.size, file.mtime_ns, declaration],
            file.name,
        )
        known = self._connection.execute(
            "select sha256 from raw.export_files "
            "where source = ? and path = ? and size = ? and mtime_ns = ?",
            [file.source, file.name, file.size, file.mtime_ns],
        ).fetchall()
        if not known:
            return refused or None
        if known[0][0] == ARCHIVE:
            return self._members(file, declaration)
        loaded = self._loaded(file.source, known[0][0], file.name)
        return None if self._any_outdated(loaded) else loaded + refused or None

    def _members(self, archive: ReceivedFile, declaration: str) -> list[LoadReport] | None:
        reports: list[LoadReport] = []
        for path, sha in self._connection.execute(
            "select path, sha256 from raw.export_files "
            "where source = ? and starts_with(path, ?) and mtime_ns = ? order by path",
            [archive.source, archive.name + "/", archive.mtime_ns],
        ).fetchall():
            reports += self._loaded(archive.source, sha, path)
        refused = "source = ? and starts_with(file, ?) and mtime_ns = ? and status = 'refused'"
        values = [archive.source, archive.name + "/", archive.mtime_ns]
        again = self._reports(f"{refused} and declaration = ?", [*values, declaration], None)
        if len(again) < len(self._reports(refused, values, None)) or self._any_outdated(reports):
            return None
        return reports + again or None

    def _loaded(self, source: str, sha: str, name: str) -> list[LoadReport]:
        return self._reports("source = ? and sha256 = ? and status = 'loaded'", [source, sha], name)

    def _reports(self, where: str, values: list[object], name: str | None) -> list[LoadReport]:
        rows = self._connection.execute(
            f"select {_REPORTED} from raw.exports where {where} order by source, file, table_name",
            values,
        ).fetchall()
        reports: list[LoadReport] = []
        for source, table, file, status, *rest in rows:
            now: Literal["known", "refused"] = "known" if status == "loaded" else "refused"
            reports.append(LoadReport(source, table or "", name or file, now, *rest))
        return reports

    def declared_as(self, source: str, table: str) -> str | None:
        """The digest of a table's declaration as it stands now; None where it is not declared."""
        return self._digests.get((source, table))

    def outdated(self) -> list[LoadReport]:
        """Exports whose records stand as an earlier declaration of their table read them."""
        return self._reports("list_contains(?::bigint[], export_seq)", [self._outdated], None)

    @cached_property
    def _outdated(self) -> list[int]:
        rows = self._connection.execute(
            "select export_seq, source, table_name, declaration from raw.exports "
            "where status = 'loaded' order by export_seq"
        ).fetchall()
        return [
            export_seq
            for export_seq, source, table, declaration in rows
            if self.declared_as(source, table) not in (None, declaration)
        ]

    def _any_outdated(self, reports: Sequence[LoadReport]) -> bool:
        return any(one.export_seq in self._outdated for one in reports)

    def forget_outdated(self, file: ReceivedFile, sha: str, table: str) -> None:
        """
        Take out what an earlier declaration made of this content, so that it is loaded again.

        Its number stays the ledger's, so it comes to lie below what models have seen: without its
        generation the build begins anew (see build_plan.py). In one transaction of its own.
        """
        for old in self._loaded(file.source, sha, file.name):
            if old.table != table or old.export_seq not in self._outdated:
                continue
            self._connection.execute("begin")
            raw_tables.forget(
                self._connection, old.export_seq, self._identifiers[file.source, table]
            )
            self._connection.execute("drop table if exists build.generation")
            self._connection.execute("commit")
            self._outdated.remove(old.export_seq)

    def loaded(self, file: ReceivedFile, sha: str, table: str) -> LoadReport | None:
        """The earlier load of this content for a table, whatever its name was then."""
        found = [one for one in self._loaded(file.source, sha, file.name) if one.table == table]
        return found[0] if found else None

    def may_be_known(self, size: int) -> bool:
        """Whether a content of this size was loaded before: then its digest is taken first."""
        count = "select count(*) from {} where bytes = ? and status = 'loaded'"
        return any(
            connection.execute(count.format(table), [size]).fetchall()[0][0]
            for connection, table in (
                (self._connection, "raw.exports"),
                (self._ledger.connection, "exports"),
            )
        )

    def sequence(self, sha: str | None, source: str, table: str) -> int:
        """The number of an export: the ledger's if it knows the content, else the next free."""
        known = self._ledger.sequence_for(sha, source, table) if sha else None
        if known is not None:
            self._rebuild_if_late(known)
            return known
        last = self._connection.execute(
            "select coalesce(max(export_seq), 0) from raw.exports"
        ).fetchall()[0][0]
        return max(int(last), self._ledger.last_sequence()) + 1

    def _rebuild_if_late(self, sequence: int) -> None:
        """
        An export that comes back after later ones were built lies below what models have seen; without
        its generation the build begins anew (see build_plan.py).
        """
        ((later,),) = self._connection.execute(
            "select count(*) from raw.exports where export_seq > ?", [sequence]
        ).fetchall()
        if later:
            self._connection.execute("drop table if exists build.generation")

    def forget_refusal(self, file: ReceivedFile) -> None:
        """What was said of a file of this name before, within the caller's transaction."""
        self._connection.execute(
            "delete from raw.field_profiles where export_seq is null and export_id in (select export_id"
            " from raw.exports where status = 'refused' and source = ? and file = ?)",
            [file.source, file.name],
        )
        self._connection.execute(
            "delete from raw.exports where status = 'refused' and source = ? and file = ?",
            [file.source, file.name],
        )

    def remember(self, file: ReceivedFile, sha: str) -> None:
        """Know the content by this name from now on, within the caller's transaction."""
        self._connection.execute(
            "delete from raw.export_files where source = ? and path = ?", [file.source, file.name]
        )
        row = {
            "source": file.source,
            "path": file.name,
            "size": file.size,
            "mtime_ns": file.mtime_ns,
            "sha256": sha,
        }
        raw_tables.insert_row(self._connection, "export_files", row)

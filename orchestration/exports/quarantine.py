"""Records that cannot be stored: gathered with reason and text while a file is read."""

import json
from pathlib import Path
from types import TracebackType

import duckdb

from orchestration.exports.opened import opened_at, opened_text
from orchestration.exports.recognise import Recognised
from orchestration.exports.refusal import told
from orchestration.exports.sql_text import literal

KEPT_CHARACTERS = 4_000
"""How much of a refused record's text is kept; the export holds the rest."""


class Quarantine:
    """
    The refused records of one export, written aside at once: a million of them must not need
    a million texts in memory. `positions` are those of the records that never became rows. Of a
    conversation also the day it was opened is kept, where it is legible: coverage counts it.
    """

    def __init__(self, folder: Path, recognised: Recognised | None = None) -> None:
        self._recognised = recognised
        self.positions: list[int] = []
        self._file = folder / "quarantine.ndjson"
        self._stream = self._file.open("w", encoding="utf-8")

    def add(self, position: int, reason: str, text: str) -> None:
        """Refuse a record that was not stored."""
        self.positions.append(position)
        self.add_stored(position, reason, text)

    def add_stored(self, position: int, reason: str, text: str) -> None:
        """Refuse a record that was stored already; the caller removes its row."""
        # Bytes that were not UTF-8 are carried as lone surrogates, which no column can hold.
        kept = text[:KEPT_CHARACTERS].encode(errors="replace").decode()
        # from the whole text: what is kept may end before its day
        opened = opened_text(self._recognised, text) if self._recognised else None
        row = {"position": position, "reason": told(reason), "text": kept, "opened": opened}
        self._stream.write(json.dumps(row) + "\n")

    def store(self, connection: duckdb.DuckDBPyConnection, export_seq: int, export_id: str) -> None:
        """Move everything gathered into raw.quarantine."""
        self._stream.close()
        moment = "null"
        if self._recognised:
            moment = opened_at(self._recognised.declaration, "opened")
        if self._file.stat().st_size:
            connection.execute(
                f"insert into raw.quarantine by name "
                f"select {export_seq} as export_seq, {literal(export_id)} as export_id, position, "
                f"reason, text, {moment} as opened_at "
                f"from read_json({literal(self._file)}, format='newline_delimited', "
                "columns={position: 'bigint', reason: 'varchar', text: 'varchar', opened: 'varchar'}, "
                "sample_size=1)"
            )

    def __enter__(self) -> "Quarantine":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()
        self._file.unlink(missing_ok=True)

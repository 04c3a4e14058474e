"""What loading tells its caller: progress while it runs, and one report per file and table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Phase = Literal["hashing", "reading", "checking", "storing", "loaded"]


@dataclass(frozen=True)
class Progress:
    """A moment of a load. Bytes are of the file as received; records are those read so far."""

    file: str
    phase: Phase
    bytes_done: int
    bytes_total: int
    records: int = 0


OnProgress = Callable[[Progress], None]


def unreported(progress: Progress) -> None:
    """Where nobody wants to see progress."""


@dataclass(frozen=True)
class LoadReport:
    """
    What became of one file for one table.

    `file` is relative to the exports folder (`archive.zip/member` for a zip's member).
    "known" means the same content was loaded before; nothing was read again.
    seen = kept + duplicates + quarantined, in records.
    """

    source: str
    table: str
    file: str
    status: Literal["loaded", "known", "refused"]
    export_id: str | None = None
    export_seq: int | None = None
    reason: str | None = None
    seen: int = 0
    kept: int = 0
    duplicates: int = 0
    quarantined: int = 0
    bytes: int = 0

    @property
    def sentence(self) -> str:
        """Why a file is not loaded, or not loaded again, as shown to people."""
        return f"{self.file}: {self.reason}" if self.reason else self.file

"""Where Assay keeps what it stores: one folder, named once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

KEPT_BUILDS = 5
"""Published builds kept: a working week, so that a number quoted on Monday can be opened on Friday."""


class StoresError(Exception):
    """A data folder that cannot be used."""


@dataclass(frozen=True)
class Stores:
    """
    The files and folders below the data folder, and the folder exports are received in.

    `ASSAY_DATA` names the one (default `data/`), `ASSAY_EXPORTS` the other (default `exports/` inside it).
    """

    root: Path
    exports: Path

    @classmethod
    def at(cls, root: Path, exports: Path | None = None) -> Stores:
        """The stores below `root`. Raises StoresError for a path that dbt-duckdb cannot attach."""
        root = root.resolve()
        if "'" in str(root):
            raise StoresError(
                f"{root}: a data folder's path cannot hold an apostrophe, for dbt writes it into SQL. "
                "Set ASSAY_DATA to another folder."
            )
        return cls(root, (exports or root / "exports").resolve())

    @classmethod
    def from_environment(cls) -> Stores:
        """The stores of this process, as its environment names them."""
        exports = os.environ.get("ASSAY_EXPORTS")
        return cls.at(
            Path(os.environ.get("ASSAY_DATA", "data")), Path(exports) if exports else None
        )

    def environment(self) -> dict[str, str]:
        """What a process started from here needs to find the same stores."""
        return {"ASSAY_DATA": str(self.root), "ASSAY_EXPORTS": str(self.exports)}

    @property
    def work(self) -> Path:
        """The build: raw, staging, core, taxonomy. One writer, no reader, unmasked text inside."""
        return self.root / "work.duckdb"

    @property
    def candidate(self) -> Path:
        """The marts before their audit. Everything personal in it is masked already."""
        return self.root / "candidate.duckdb"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.duckdb"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def pointer(self) -> Path:
        """The newest audited build, under a name that does not change."""
        return self.published / "assay.duckdb"

    @property
    def sheets(self) -> Path:
        """Samples drawn for people to read; what they said is in the ledger once recorded."""
        return self.root / "validation"

    @property
    def data_docs(self) -> Path:
        return self.root / "data_docs"

    @property
    def spill(self) -> Path:
        """Where DuckDB puts what does not fit into memory."""
        return self.root / "spill"

    @property
    def last_failure(self) -> Path:
        """How the last run ended, if it did not publish."""
        return self.root / "last_failure.json"

    @property
    def received_from(self) -> Path:
        """The folder the last run found exports in, as text: where `assay raw` looks for their records."""
        return self.root / "received_from"

    @property
    def lock(self) -> Path:
        return self.root / "run.lock"

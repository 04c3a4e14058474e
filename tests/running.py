"""Running the product as a user does, and asking what it published."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
ASSAY = Path(sys.executable).with_name("assay")

CONVERSATIONS = 3_000
"""Enough for every driver, language and reason of exclusion to occur."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def assay(*arguments: object, data: Path, **environment: str) -> Ended:
    """Run the command line as a user would, on a data folder of its own."""
    done = subprocess.run(
        [str(ASSAY), *map(str, arguments)],
        env={**os.environ, "ASSAY_DATA": str(data), "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Built:
    """A data folder that was run, and the exports it was run on."""

    data: Path
    exports: Path
    ended: Ended

    @property
    def published(self) -> Path:
        return self.data / "published" / "assay.duckdb"

    def rows(self, query: str) -> list[tuple]:
        """Ask the published marts."""
        with duckdb.connect(str(self.published), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(query).fetchall()

    def value(self, query: str) -> object:
        ((found,),) = self.rows(query)
        return found

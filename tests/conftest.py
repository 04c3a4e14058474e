"""One small world, generated and run once, that many tests look at."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

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


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Exports of a small world."""
    exports = tmp_path_factory.mktemp("world")
    ended = assay(
        "generate", "--conversations", CONVERSATIONS, "--seed", 7, "--out", exports, data=exports
    )
    assert ended.code == 0, ended.err
    return exports


@pytest.fixture(scope="session")
def built(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The small world, run once. Nobody writes to it: take `copy_of` to change it."""
    data = tmp_path_factory.mktemp("built")
    ended = assay("run", "--exports", world, data=data)
    assert ended.code == 0, ended.out + ended.err
    return Built(data, world, ended)


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Built], Built]:
    """A data folder like another, to run again and change."""

    def copy(original: Built) -> Built:
        data = tmp_path / "copy"
        shutil.copytree(original.data, data, symlinks=True)
        return Built(data, original.exports, original.ended)

    return copy


@pytest.fixture
def shared_data() -> Path:
    """Real exports, where they are present."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real exports are not beside this checkout ({SHARED_DATA})")
    return SHARED_DATA

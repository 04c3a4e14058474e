"""Running the product as a user does, and asking what it published."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from multiprocessing.process import BaseProcess as Process
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
ASSAY = Path(sys.executable).with_name("assay")

CONVERSATIONS = 3_000
"""Enough for every driver, language and reason of exclusion to occur."""

PACKAGES = ("contracts", "expectations", "orchestration", "signals", "dbt_project")

_PROCESSES = multiprocessing.get_context("forkserver")
# imported once: a process that begins from nothing imports these for longer than a small build takes
_PROCESSES.set_forkserver_preload(
    [
        "orchestration.cli", "orchestration.definitions", "dbt.cli.main", "dbt.adapters.duckdb",
        "great_expectations.expectations",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def start(
    *arguments: object, data: Path, screen: Path | None = None, **environment: str
) -> Process:
    """
    Start the command line on a data folder of its own: a process that has imported it, leading a group of its own.

    What it prints goes into the files `out` and `err` of a folder `screen`, where there is one.
    """
    told = ([*map(str, arguments)], _environment(data, environment), screen)
    running = _PROCESSES.Process(target=_run, args=told)
    running.start()
    return running


def _run(arguments: list[str], environment: dict[str, str], screen: Path | None) -> None:
    from orchestration.cli import main

    os.setsid()
    # those of the test run when its first command began are still here
    os.environ.clear()
    os.environ.update(environment)
    for stream, name in ((1, "out"), (2, "err")):
        shown = screen / name if screen else Path(os.devnull)
        os.dup2(os.open(shown, os.O_WRONLY | os.O_CREAT), stream)
    main(arguments, prog_name="assay")


def assay(*arguments: object, data: Path, seconds: int = 300, **environment: str) -> Ended:
    """Run the command line to its end, which must come within so many seconds."""
    with tempfile.TemporaryDirectory() as folder:
        screen = Path(folder)
        running = start(*arguments, data=data, screen=screen, **environment)
        running.join(timeout=seconds)
        if running.exitcode is None:
            running.kill()
            raise TimeoutError(f"assay {arguments} is still running after {seconds} seconds")
        return Ended(running.exitcode, (screen / "out").read_text(), (screen / "err").read_text())


def assay_from_nothing(*arguments: object, data: Path, **environment: str) -> Ended:
    """Run the command as a user's shell does: its own program, interpreter and imports."""
    done = subprocess.run(
        [ASSAY, *map(str, arguments)],
        env=_environment(data, environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def assay_of(
    product: Path, *arguments: object, data: Path, answers: str | None = None, **environment: str
) -> Ended:
    """Run the command line of a checkout, in a process of its own; no setting of ours but those given."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith("ASSAY_")}
    done = subprocess.run(
        [sys.executable, "-c", "from orchestration.cli import main; main()", *map(str, arguments)],
        cwd=product,
        env={**clean, "PYTHONPATH": str(product), "ASSAY_DATA": str(data), **environment},
        input=answers,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def _environment(data: Path, changed: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "ASSAY_DATA": str(data), "COLUMNS": "200", **changed}


def checkout(folder: Path) -> Path:
    """A copy of the product to edit, with what dbt and Python have read of it; what is edited is read again."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("logs"))
    return folder


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

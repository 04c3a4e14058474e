"""The floor: one DuckDB script that turns the same exports into the same marts, with nothing around it."""

from __future__ import annotations

import csv
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment

from contracts.macros import macros

from . import compiled

PROJECT = Path(__file__).parents[2] / "dbt_project"
SEEDS = PROJECT / "seeds"
SCRIPT = Path(__file__).with_name("floor_sql")
CHECKS = "checks"
SHARED_MACROS = (
    "mask_personal_data", "mask_names_and_addresses", "mask_subjects", "normalise_raw_tag",
    "keyword_text", "match_keyword_rules",
)  # fmt: skip
"""What a text means is the product's, letter for letter; how it is worked out is the floor's."""


OnStage = Callable[[str, float, float], None]
"""Told a stage's name and its wall and CPU seconds."""


class FloorError(Exception):
    """The floor's own checks fail."""


def write_marts(exports: Path, out: Path, models: Path, on_stage: OnStage) -> Path:
    """
    Build every mart of `exports` in `out` and return the published file.

    `models` holds the product's models as dbt compiled them for a build from nothing: the selects
    of the signals are taken from there.
    `on_stage` is told each stage's name and its wall and CPU seconds. Raises FloorError when a
    structural check fails; nothing is published then.
    """
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    candidate = out / "candidate.duckdb"
    with duckdb.connect() as connection:
        _bound(connection, out / "spill")
        connection.execute(f"attach '{candidate}' as candidate")
        connection.execute("create schema candidate.marts")
        for name, statements in _stages(exports, models):
            with _timed(name, on_stage):
                if name == CHECKS:
                    _check(connection, statements)
                else:
                    connection.execute(statements)
        with _timed("close", on_stage):
            connection.execute("detach candidate")
    with _timed("publish", on_stage):
        published = out / "assay.duckdb"
        shutil.copyfile(candidate, published)
        published.chmod(0o444)
    return published


def _bound(connection: duckdb.DuckDBPyConnection, spill: Path) -> None:
    """The product's own bounds, from the same variables."""
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"set memory_limit = '{os.environ.get('ASSAY_MEMORY', '1GB')}'")
    connection.execute(f"set threads = {int(os.environ.get('ASSAY_THREADS', '2'))}")
    connection.execute(f"set temp_directory = '{spill}'")
    connection.execute("set preserve_insertion_order = false")


def _check(connection: duckdb.DuckDBPyConnection, statements: str) -> None:
    failing = [row for row in connection.execute(statements).fetchall() if row[1]]
    if failing:
        raise FloorError("\n".join(f"{name}: {count} failing." for name, count in failing))


def _stages(exports: Path, models: Path) -> Iterator[tuple[str, str]]:
    """Each piece of the script, rendered: its name and its statements."""
    environment = Environment(autoescape=False)
    given = {
        "exports": exports, "seeds": SEEDS / "taxonomy", "signal_seeds": SEEDS / "signals",
        "keyword_rules": _keyword_rules, "signals": compiled.signals(models), "signal_models": compiled.SIGNALS,
        "compiled": lambda model: compiled.select(models, model, _written), **_macros(),
    }  # fmt: skip
    for piece in sorted(SCRIPT.glob("*.sql")):
        yield piece.stem, environment.from_string(piece.read_text("utf-8")).render(**given)


def _written(database: str, name: str) -> str:
    return f"candidate.marts.{name}" if database == "candidate" else f"temp.main.{name}"


def _macros() -> dict[str, Any]:
    module = macros("mask_*", "normalise_raw_tag", "keyword_text", "match_keyword_rules")
    return {name: getattr(module, f"default__{name}") for name in SHARED_MACROS}


def _keyword_rules(language: str | None = None) -> list[dict[str, str]]:
    with (SEEDS / "taxonomy" / "keyword_rules.csv").open(encoding="utf-8", newline="") as rules:
        return [
            rule for rule in csv.DictReader(rules)
            if language is None or rule["language"] in (language, "any")
        ]  # fmt: skip


@contextmanager
def _timed(name: str, on_stage: OnStage) -> Iterator[None]:
    wall, cpu = time.monotonic(), time.process_time()
    yield
    on_stage(name, time.monotonic() - wall, time.process_time() - cpu)


if __name__ == "__main__":
    write_marts(
        Path(sys.argv[1]).resolve(),
        Path(sys.argv[2]).resolve(),
        Path(sys.argv[3]).resolve(),
        lambda name, wall, cpu: print(f"{name:<16} {wall:6.2f} s  {cpu:6.2f} s CPU", flush=True),
    )

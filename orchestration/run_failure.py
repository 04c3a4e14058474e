"""Why a run ended without publishing: said in sentences, and remembered until one does."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal

from orchestration.printable import masked, of_another_program
from orchestration.stores import Stores

_FULL = (
    "No space left on device",
    "disk is full",
    "max_temp_directory_size",
    "Could not write all bytes",
    "Disk quota exceeded",
    "File too large",
)
"""How the operating system, SQLite and DuckDB say that a disk is full."""

_DAMAGED = re.compile(r'file "([^"]+)" exists, but it is not a valid DuckDB')

SIZE_PER_EXPORT_BYTE = 3
"""Bytes a first run leaves and spills per byte of exports: 2.5 were measured at 2,000 conversations."""


@dataclass(frozen=True)
class RunFailure:
    """How a run ended that did not publish. `ended_at` is UTC; readers still see the build before."""

    ended_at: datetime
    outcome: Literal["failed", "blocked"]
    reasons: list[str]


def remember(
    stores: Stores, outcome: Literal["failed", "blocked"], reasons: list[str]
) -> RunFailure:
    """Keep how this run ended beside the stores; on a full disk there may be no room for it."""
    failure = RunFailure(datetime.now(UTC), outcome, [masked(each) for each in reasons])
    facts = {**asdict(failure), "ended_at": failure.ended_at.isoformat()}
    try:
        stores.last_failure.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    except OSError:
        # the run ends with its sentence on the screen all the same
        stores.last_failure.unlink(missing_ok=True)
    return failure


def forget(stores: Stores) -> None:
    """A run came to its end: what it shows is the newest there is."""
    stores.last_failure.unlink(missing_ok=True)


def recall(stores: Stores) -> RunFailure | None:
    """How the last run failed, unless one came to its end since."""
    if not stores.last_failure.exists():
        return None
    facts = json.loads(stores.last_failure.read_text(encoding="utf-8"))
    return RunFailure(**{**facts, "ended_at": datetime.fromisoformat(facts["ended_at"])})


def reason(stores: Stores, step: str, error: str, is_ours: bool) -> str:
    """An error as a sentence. `is_ours`: it was worded for people, not by another program."""
    if any(sign in error for sign in _FULL):
        return _full(stores)
    if damaged := _DAMAGED.search(error):
        return _not_a_store(stores, damaged[1])
    return masked(error) if is_ours else f"{step}: {of_another_program(error)}"


def _not_a_store(stores: Stores, path: str) -> str:
    if path in (str(stores.work), str(stores.candidate)):
        do = "Move it away and run again: what it held is made anew from the exports."
    else:
        do = "Put back a copy of it from a backup: it cannot be made anew."
    return f"{path} is damaged, or no DuckDB file. {do}"


def _full(stores: Stores) -> str:
    free = shutil.disk_usage(stores.root).free
    received = sum(one.stat().st_size for one in stores.exports.rglob("*") if one.is_file())
    return (
        f"{stores.root}: the disk filled up; {_size(free)} are free now. These exports are "
        f"{_size(received)}, and a build of them takes about "
        f"{_size(SIZE_PER_EXPORT_BYTE * received)} in all. Nothing that was stored is lost. "
        "Free room, or name a larger folder (ASSAY_DATA), and run again."
    )


def _size(count: float) -> str:
    if count >= 1e9:
        return f"{count / 1e9:,.1f} GB"
    return f"{count / 1e6:,.1f} MB"

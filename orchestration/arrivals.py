"""New exports: which files have landed since last time, and are whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.exports.received import is_ignored

Sighting = tuple[int, int]
"""Size in bytes and time of change in nanoseconds."""


@dataclass(frozen=True)
class Arrivals:
    """Files that are new and whole, and what to remember until next time."""

    new: list[str]
    cursor: str

    @property
    def key(self) -> str:
        """One name for this set of files: the same arrival never starts two runs."""
        return hashlib.sha256("\n".join(self.new).encode()).hexdigest()[:16]


def arrivals(exports: Path, cursor: str | None) -> Arrivals:
    """
    Files below `exports` that a run has not been started for.

    A file counts once its size and time stood still from one look to the next: a file still
    being copied is left alone until then. `cursor` is the one the last look returned.
    """
    remembered = json.loads(cursor) if cursor else {"seen": {}, "started": {}}
    seen: Mapping[str, list[int]] = remembered["seen"]
    started: dict[str, list[int]] = dict(remembered["started"])
    now = {str(path.relative_to(exports)): list(_sighting(path)) for path in _files(exports)}
    whole = [name for name, sighting in sorted(now.items()) if seen.get(name) == sighting]
    new = [name for name in whole if started.get(name) != now[name]]
    started.update({name: now[name] for name in new})
    kept = {name: sighting for name, sighting in started.items() if name in now}
    return Arrivals(
        new=[f"{name} {now[name]}" for name in new],
        cursor=json.dumps({"seen": now, "started": kept}, sort_keys=True),
    )


def _files(exports: Path) -> list[Path]:
    found = (path for path in exports.rglob("*") if path.is_file())
    return [path for path in found if not is_ignored(path.relative_to(exports).as_posix())]


def _sighting(path: Path) -> Sighting:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns

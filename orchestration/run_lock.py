"""One run at a time: the lock a run holds on its data folder, and who holds it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

_held_here: set[Path] = set()
"""Locks of this process: a run holds the folder as a whole and each writing step asks again."""


class LockError(Exception):
    """Another run holds the data folder."""


@contextmanager
def run_lock(path: Path) -> Iterator[None]:
    """
    Hold the data folder for one run, or for one writing step of it.

    The operating system releases the lock when the process ends, however it ends, so a killed run
    leaves nothing to clean up. The file's content only tells a second run who holds it.
    Raises LockError, naming the holder, when another process has it.
    """
    path = path.resolve()
    if path in _held_here:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise LockError(_held(path, lock.read())) from None
        lock.truncate(0)
        json.dump({"pid": os.getpid(), "since": datetime.now(UTC).isoformat("T", "seconds")}, lock)
        lock.flush()
        _held_here.add(path)
        try:
            yield
        finally:
            _held_here.discard(path)


def is_free(path: Path) -> bool:
    """Whether no run holds the data folder at this moment."""
    try:
        with path.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False
    return True


def _held(path: Path, content: str) -> str:
    holder = json.loads(content) if content.endswith("}") else {}
    who = f"process {holder['pid']} since {holder['since']}" if holder else "another process"
    return (
        f"{path.parent}: {who} is running a build here. "
        "Wait for it to end, or give this run a data folder of its own (ASSAY_DATA)."
    )

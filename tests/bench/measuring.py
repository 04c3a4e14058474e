"""What one whole process costs: wall and CPU time, and memory over its process tree."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.2
"""A peak shorter than this is missed; reading /proc this often costs under one percent of a core."""

_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in what getrusage calls one: macOS counts bytes, Linux kibibytes."""


class RunError(Exception):
    """A measured command ended with an error, so it has no time to report."""


@dataclass(frozen=True)
class Measured:
    """
    One run of one command.

    wall_seconds and cpu_seconds (user + system) cover the process and every child it waited for.
    tree_mb is the highest sum of resident memory over the tree (pages that processes share count
    for each; 0 without /proc), process_mb the highest of any single process.
    """

    wall_seconds: float
    cpu_seconds: float
    tree_mb: float
    process_mb: float
    output: str


def measure(command: Sequence[object], environment: Mapping[str, str], log: Path) -> Measured:
    """Run a command to its end with its output in `log`. Raises RunError unless it exits with 0."""
    words = [str(word) for word in command]
    with log.open("w", encoding="utf-8") as output:
        started = time.monotonic()
        # a session of its own, by which its children are found
        process = subprocess.Popen(
            words,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        memory = _TreeMemory(process.pid)
        memory.start()
        usage = _wait(process)
        wall = time.monotonic() - started
        memory.stop()
    text = log.read_text(encoding="utf-8", errors="replace")
    if process.returncode != 0:
        tail = "\n".join(text.splitlines()[-15:])
        raise RunError(
            f"{' '.join(words)}\nended with exit code {process.returncode}; see {log}:\n{tail}"
        )
    return Measured(
        wall_seconds=wall,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        tree_mb=memory.peak / 1e6,
        process_mb=usage.ru_maxrss * _MAXRSS_UNIT / 1e6,
        output=text,
    )


def _wait(process: subprocess.Popen[bytes]) -> resource.struct_rusage:
    _, status, usage = os.wait4(process.pid, 0)
    # told by hand, because wait4 has taken the status that Popen would ask for
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage


class _TreeMemory(threading.Thread):
    """Adds up the resident memory of one session's processes, again and again."""

    def __init__(self, session: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._session = session
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, resident_bytes(self._session))

    def stop(self) -> None:
        self._ended.set()
        self.join()


def resident_bytes(session: int) -> int:
    """Resident memory of all processes of a session; 0 where there is no /proc."""
    page = os.sysconf("SC_PAGE_SIZE")
    total = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            # after the name, which may hold blanks: state, parent, group, session, …
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                total += int((entry / "statm").read_text().split()[1]) * page
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended between the listing and the reading
    return total

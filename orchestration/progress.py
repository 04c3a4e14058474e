"""How a run tells where it is: a live display on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from orchestration.printable import masked, one_line

QUIET_SECONDS = 5.0
"""Without a terminal, one line of a step at most this often: a log is read, not watched."""


class RunProgress(Protocol):
    """What a step of a run tells about itself."""

    def step(self, name: str, detail: str = "", share: float | None = None) -> None:
        """The step is at `share` (0-1, None = unknown) of its work."""

    def done(self, name: str, detail: str = "") -> None:
        """The step ended well."""

    def note(self, sentence: str) -> None:
        """Something a person should read, whatever else happens in this run."""


class LogProgress:
    """Progress in Dagster's own log."""

    def __init__(self) -> None:
        self._log = logging.getLogger("assay")

    def step(self, name: str, detail: str = "", share: float | None = None) -> None:
        self._log.debug("%s %s", name, detail)

    def done(self, name: str, detail: str = "") -> None:
        self._log.info("%s: %s", name, detail)

    def note(self, sentence: str) -> None:
        self._log.warning("%s", masked(sentence))


class PlainProgress:
    """One line when a step starts, ends, or has gone on for a while."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started: dict[str, float] = {}
        self._told = 0.0

    def step(self, name: str, detail: str = "", share: float | None = None) -> None:
        now = time.monotonic()
        if name in self._started and now - self._told < QUIET_SECONDS:
            return
        self._started.setdefault(name, now)
        self._told = now
        percent = "" if share is None else f" {share:.0%}"
        self._say(f"{name}{percent} {detail}".rstrip())

    def done(self, name: str, detail: str = "") -> None:
        now = time.monotonic()
        seconds = now - self._started.get(name, now)
        self._say(f"{name} done in {seconds:.1f} s {detail}".rstrip())

    def note(self, sentence: str) -> None:
        self._say(masked(sentence))

    def _say(self, line: str) -> None:
        self._console.print(one_line(line), highlight=False, markup=False, soft_wrap=True)


class LiveProgress:
    """One bar per step, kept on the screen."""

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description:<10}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("{task.fields[detail]}", markup=False),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> LiveProgress:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def step(self, name: str, detail: str = "", share: float | None = None) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=None, detail="")
        total, detail = None if share is None else 1.0, one_line(detail)
        self._bars.update(self._tasks[name], detail=detail, total=total, completed=share or 0)

    def done(self, name: str, detail: str = "") -> None:
        self.step(name, detail, 1.0)

    def note(self, sentence: str) -> None:
        self._bars.console.print(
            one_line(masked(sentence)), highlight=False, markup=False, soft_wrap=True
        )


@contextlib.contextmanager
def shown(console: Console) -> Iterator[RunProgress]:
    """Progress as this console can show it."""
    if console.is_terminal:
        with LiveProgress(console) as live:
            yield live
    else:
        yield PlainProgress(console)

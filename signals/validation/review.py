"""A reviewer's sitting: one conversation at a time, a key for each value, every answer on disk at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from signals.validation import sheet_file
from signals.validation.sheet_file import Line

SKIP, BACK, QUIT = "s", "b", "q"


@dataclass
class Sitting:
    """
    Where a reviewer stands in a sheet's file. Begins at the first conversation without a value.

    A skipped conversation stays without one, and comes again when the sheet is opened again.
    """

    path: Path
    lines: list[Line]
    values: tuple[str, ...]
    place: int = 0
    is_over: bool = False

    def __post_init__(self) -> None:
        self.place = self._next_open(0)
        self.is_over = self.place >= len(self.lines)

    @property
    def keys(self) -> dict[str, str]:
        """The key of each value: its number."""
        return {f"{number}": value for number, value in enumerate(self.values, start=1)}

    @property
    def shown(self) -> dict[str, str]:
        """The row that is shown."""
        return self.lines[self.place].cells

    @property
    def answered(self) -> int:
        return sum(bool(line.cells["value"]) for line in self.lines)

    def press(self, key: str) -> bool:
        """Do what a key says; False for a key that says nothing."""
        key = key.lower()
        if key in self.keys:
            self.shown["value"] = self.keys[key]
            sheet_file.write_lines(self.path, [line.cells for line in self.lines])
            self._go(self._next_open(self.place + 1))
        elif key == SKIP:
            self._go(self._next_open(self.place + 1))
        elif key == BACK:
            self.place = max(0, self.place - 1)
        elif key == QUIT:
            self.is_over = True
        else:
            return False
        return True

    def _go(self, place: int) -> None:
        if place >= len(self.lines):
            self.is_over = True
        else:
            self.place = place

    def _next_open(self, start: int) -> int:
        for place in range(start, len(self.lines)):
            if not self.lines[place].cells["value"].strip():
                return place
        return len(self.lines)

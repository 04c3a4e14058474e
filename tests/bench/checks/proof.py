"""A figure that is to be proved, and whether it was."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Proof:
    """
    What was measured beside its target; a figure without target is told only.

    `behind` has a line for each case that counts against it. `is_met` is None where nothing was measured.
    """

    name: str
    measured: str
    target: str = ""
    is_met: bool | None = None
    behind: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        if not self.target:
            return ""
        return {True: "yes", False: "NO", None: "not measured"}[self.is_met]


@dataclass(frozen=True)
class Asked:
    """What the proofs are to be run on: worlds below `root`, which are kept where something is behind a figure."""

    root: Path
    is_quick: bool
    reruns: int
    million: Path | None

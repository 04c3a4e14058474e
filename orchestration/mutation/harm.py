"""A harm: what is done to a copy of a build, where, and which clause should notice it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import duckdb

Reach = Literal["records", "rule", "fields", "evidence"]
"""What follows from a harm: everything beneath the facts, what metrics count, what fields look like, or
nothing."""


@dataclass(frozen=True)
class Harm:
    """
    One harm, drawn: `kind` as people call it, its `place` in words, and the `clause` that would notice it.

    A check has noticed it only if its finding names one of `names`: another alarm at the same time is luck. Where
    these are as wide as all days of a period, only the `checks` that are there for such a harm count.
    `plant` does it to a connection with `work` and `candidate` of the
    copy attached; a harm that comes with an export writes that into a folder instead (`export`). A harm to
    a field reaches the `metrics` that lock it, and of the others those whose number it changes.
    """

    kind: str
    place: str
    clause: str
    names: tuple[str, ...]
    reach: Reach
    plant: Callable[[duckdb.DuckDBPyConnection], None] | None = None
    export: Callable[[Path], None] | None = None
    metrics: frozenset[str] = field(default_factory=frozenset)
    checks: frozenset[str] = field(default_factory=frozenset)


CLASSES: Mapping[str, tuple[str, ...]] = {
    "records": (
        "lost queue", "lost day", "lost language", "lost channel", "doubled queue", "inflated expected counts",
        "shifted time zone", "stale data",
    ),
    "fields": ("renamed field", "retyped field", "rescaled field"),
    "meaning": ("flipped label", "swapped mapping", "widened rule"),
    "evidence": ("blank quotes",),
}  # fmt: skip
"""What kinds of harms are done to: a score is told by these."""

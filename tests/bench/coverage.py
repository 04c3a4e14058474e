"""`python -m tests.bench.coverage`: of 500 losses how many coverage and its witnesses find; how often they err."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
from rich.console import Console
from rich.table import Table

from tests.coverage_world import (
    SLICES,
    build,
    conversations,
    empty,
    failing,
    load,
    losses,
    state,
    told,
    without,
)

SOURCES = 46
"""Eleven losses each, far enough apart that none is in the middle of another's past."""

WORLDS = [(50, 1.0), (100, 1.0), (150, 1.0), (100, 0.97), (300, 0.97), (300, None)]
"""Conversations a day, and the share of numbers that are conversations: None where numbers tell nothing."""

ALONE = "the witnesses alone"

STATED = {"with slice counts": ("", *SLICES), "day totals only": ("",), ALONE: ()}


@dataclass(frozen=True)
class Measured:
    """One world and what is stated of it: losses, those found, those named, and alarms where nothing is lost."""

    a_day: int
    ids: float | None
    stated: str
    losses: int
    found: int
    named: int
    false_alarms: int
    judged: int
    """Slices, days and weeks that a witness speaks of where nothing is lost."""


def measure(worlds: Sequence[tuple[int, float | None]] = WORLDS) -> Iterator[Measured]:
    """Each world without its losses and with them, by all that may be stated of it."""
    for a_day, ids in worlds:
        clean = [
            conversations(f"s{seed}", 1000 * a_day + seed, a_day, ids) for seed in range(SOURCES)
        ]
        lost = [losses(rows, seed, every=4) for seed, rows in enumerate(clean)]
        left = pd.concat(map(without, clean, lost))
        every = [each for found in lost for each in found]
        database = empty()
        for name, kinds in STATED.items():
            load(database, pd.concat(clean))
            state(database, kinds)
            build(database)
            alarms = len(failing(database))
            ((judged,),) = database.execute(
                "select count(distinct (source, period_kind, period_start, slice_kind, slice))"
                " from marts.coverage_witnesses"
            ).fetchall()
            load(database, left)
            build(database)
            failed = failing(database)
            found = sum(told(each, failed) for each in every)
            named = sum(told(each, failed, by_name=True) for each in every)
            yield Measured(a_day, ids, name, len(every), found, named, alarms, judged)


def main() -> None:
    """One row per world and what is stated of it."""
    table = Table("a day", "ids", "stated", "losses", "found", "slice named", "false alarms")
    for each in measure():
        table.add_row(
            str(each.a_day), str(each.ids), each.stated, str(each.losses),
            f"{each.found / each.losses:.1%}", f"{each.named / each.losses:.1%}",
            f"{each.false_alarms} of {each.judged:,}",
        )  # fmt: skip
    Console(width=120).print(table)


if __name__ == "__main__":
    main()

"""`python -m tests.bench.coverage`: of 500 losses how many coverage and its witnesses find; how often they err."""

from __future__ import annotations

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

WORLDS = [(50, 1.0), (100, 1.0), (100, 0.97), (300, 0.97), (300, None)]
"""Conversations a day, and the share of numbers that are conversations: None where numbers tell nothing."""

STATED = {"with slice counts": ("", *SLICES), "day totals only": ("",), "the witnesses alone": ()}


def main() -> None:
    """One row per world and what is stated of it."""
    table = Table("a day", "ids", "stated", "losses", "found", "slice named", "false alarms")
    for a_day, ids in WORLDS:
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
            judged = database.execute(
                "select count(distinct (source, period_kind, period_start, slice_kind, slice))"
                " from marts.coverage_witnesses"
            ).fetchall()[0][0]
            load(database, left)
            build(database)
            failed = failing(database)
            found = sum(told(each, failed) for each in every) / len(every)
            named = sum(told(each, failed, by_name=True) for each in every) / len(every)
            table.add_row(
                str(a_day), str(ids), name, str(len(every)), f"{found:.1%}", f"{named:.1%}",
                f"{alarms} of {judged:,}",
            )  # fmt: skip
    Console(width=120).print(table)


if __name__ == "__main__":
    main()

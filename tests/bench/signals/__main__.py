"""`python -m tests.bench.signals`: how well the shipped signals agree with labels, as a table."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .judged import judge
from .labelled import SHARED, Labelled, all_labelled, frozen_complaints
from .masking import masking_table
from .scores import Score, score
from .topics import all_topics, topics_tables

TWO_VALUES = {"churn_risk": "none"}
"""Judged once more as this value against all the others."""


def main() -> None:
    """Run the product on every labelled text and print one row per set and signal."""
    console = Console(width=150)
    labelled = all_labelled()
    with tempfile.TemporaryDirectory() as folder:
        values = judge({each.id: each.text for each in [*labelled, *all_topics()]}, Path(folder))
    table = Table(
        "set", "signal", "n", "abstained", "macro-F1", "κ (95 %)", "precision / recall by value"
    )
    for (name, signal), members in _groups(labelled).items():
        pairs = [(values.get((each.id, signal)), each.label) for each in members]
        _add(table, name, signal, score(pairs))
        if signal in TWO_VALUES:
            none = TWO_VALUES[signal]
            two = [
                (v and (none if v == none else "any"), none if w == none else "any")
                for v, w in pairs
            ]
            _add(table, name, f"{signal}, {none} or any", score(two))
    console.print(table)
    if SHARED.exists():
        console.print(_readers())
        for topics in topics_tables(values):
            console.print(topics)
    console.print(masking_table())


def _groups(labelled: list[Labelled]) -> dict[tuple[str, str], list[Labelled]]:
    groups: dict[tuple[str, str], list[Labelled]] = defaultdict(list)
    for each in labelled:
        groups[each.set, each.signal].append(each)
    return groups


def _add(table: Table, name: str, signal: str, found: Score) -> None:
    by_value = ", ".join(
        f"{value} {_two(precision)}/{_two(recall)} ({n})"
        for value, (precision, recall, n) in found.by_value.items()
    )
    interval = found.kappa
    table.add_row(
        name, signal, f"{found.n:,}", f"{found.abstained:.1%}", f"{found.macro_f1:.2f}",
        f"{_two(interval.value)} ({_two(interval.low)}–{_two(interval.high)})", by_value,
    )  # fmt: skip


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _readers() -> Table:
    """The two readers of the frozen set against each other: one way of reading, asked twice."""
    table = Table("reader A against reader B", "n", "macro-F1", "κ (95 %)")
    second = {(each.id, each.signal): each.label for each in frozen_complaints("B")}
    for (_, signal), members in _groups(list(frozen_complaints("A"))).items():
        found = score([(second[each.id, signal], each.label) for each in members])
        table.add_row(
            signal, str(found.n), f"{found.macro_f1:.2f}",
            f"{_two(found.kappa.value)} ({_two(found.kappa.low)}–{_two(found.kappa.high)})",
        )  # fmt: skip
    return table


if __name__ == "__main__":
    main()

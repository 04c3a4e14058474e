"""The scorecard as text: tables, units, and the next step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestration.scorecard import Row, Scorecard

QUERY = """\
select driver, sum(conversations) as conversations
from marts.rollup_drivers
where cadence = 'week' and is_complete
group by all
order by conversations desc"""


def page() -> Console:
    """Standard output, wide enough for the tables where it is not a terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)


def show(card: Scorecard, console: Console) -> None:
    """Print what was published: drivers, coverage, what is unknown, what was refused, where it is."""
    totals = card.totals
    console.print(
        f"[bold]{totals['conversations']:,}[/] conversations opened {totals['first_day']} to "
        f"{totals['last_day']}, [bold]{totals['in_scope']:,}[/] in scope"
        + _excluded(card.excluded),
        highlight=False,
    )
    _drivers(card, console)
    _table(console, "Coverage: loaded of expected conversations", card.coverage, _COVERAGE)
    _table(console, f"Breaches, worst of {card.breach_count:,}", card.breaches, _BREACHES)
    _table(console, "Tags the taxonomy does not know", card.unmapped, _UNMAPPED)
    _table(
        console,
        "Exports, in records: seen = kept + duplicates + quarantined",
        card.exports,
        _EXPORTS,
    )
    _table(
        console,
        "Listings received in pages, not known to be whole",
        card.stated_counts,
        _STATED,
    )
    _table(console, "In quarantine, first by file", card.quarantine, _QUARANTINE)
    _table(console, "Refused files", card.refused, _REFUSED)
    console.print(f"\nPublished [bold]{card.build}[/]; readers open", card.file, highlight=False)
    console.print("Try:", style="bold")
    console.print(f"duckdb -readonly {card.file}", markup=False, highlight=False, soft_wrap=True)
    console.print(QUERY, markup=False, highlight=False)


def show_blocked(card: Scorecard, console: Console) -> None:
    """Print why nothing was published: which checks, what they found, what to do."""
    console.print("[bold red]Blocked:[/] a check that guards the marts failed.")
    _table(
        console,
        "Breaches",
        [each for each in card.breaches if each["severity"] == "blocking"],
        _BREACHES,
    )


def _excluded(rows: Sequence[Row]) -> str:
    if not rows:
        return "; none excluded."
    return (
        "; excluded: "
        + ", ".join(f"{row['conversations']:,} {row['reason']}" for row in rows)
        + "."
    )


def _drivers(card: Scorecard, console: Console) -> None:
    weeks = sorted({row["week"] for row in card.drivers})
    counts = {(row["driver"], row["week"]): row["conversations"] for row in card.drivers}
    if not weeks:
        console.print(
            "\nNo complete week yet: a week is complete once its source is loaded past its end."
        )
        return
    last = weeks[-1]
    drivers = sorted(
        {driver for driver, _ in counts}, key=lambda each: (-counts.get((each, last), 0), each)
    )
    total = sum(counts.get((driver, last), 0) for driver in drivers)
    table = _empty(f"Conversations per driver, last {len(weeks)} complete weeks (Monday first)")
    table.add_column("driver", no_wrap=True)
    for week in weeks:
        table.add_column(str(week), justify="right")
    table.add_column("share", justify="right")
    for driver in drivers:
        cells = [f"{counts.get((driver, week), 0):,}" for week in weeks]
        table.add_row(driver, *cells, f"{counts.get((driver, last), 0) / total:.1%}")
    console.print(table)


WIDTH = 120
"""Columns of a page that is not a terminal: tables keep their words."""

Format = Callable[[Any], str]

_SENTENCES = {"detail", "reason"}


def _count(value: Any) -> str:
    return "" if value is None else f"{value:,}"


def _share(value: Any) -> str:
    # rounded down: 99.97 % must not read as all of it
    return "not measured" if value is None else f"{math.floor(value * 10_000) / 100:.2f}%"


def _text(value: Any) -> str:
    return "" if value is None else str(value)


_COVERAGE: dict[str, Format] = {
    "source": _text,
    "slices": _text,
    "slices_measured": _count,
    "expected": _count,
    "loaded": _count,
    "coverage": _share,
    "lowest": _share,
}
_BREACHES: dict[str, Format] = {"severity": _text, "clause": _text, "detail": _text}
_UNMAPPED: dict[str, Format] = {
    "raw_tag": _text,
    "conversations": _count,
    "last_seen": _text,
    "suggestion": _text,
}
_EXPORTS: dict[str, Format] = {
    "source": _text,
    "records": _text,
    "files": _count,
    "refused": _count,
    "seen": _count,
    "kept": _count,
    "duplicates": _count,
    "quarantined": _count,
}
_STATED: dict[str, Format] = {
    "source": _text,
    "records": _text,
    "folder": _text,
    "pages": _count,
    "stated": _count,
    "received": _count,
    "standing": _text,
}
_QUARANTINE: dict[str, Format] = {"file": _text, "position": _count, "reason": _text}
_REFUSED: dict[str, Format] = {"file": _text, "reason": _text}


def _empty(title: str) -> Table:
    return Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1)
    )


def _table(console: Console, title: str, rows: Sequence[Row], columns: dict[str, Format]) -> None:
    if not rows:
        return
    table = _empty(title)
    for name, form in columns.items():
        table.add_column(
            name.replace("_", " "),
            justify="left" if form is _text else "right",
            # a name cut short is no name; a sentence may wrap
            no_wrap=name not in _SENTENCES,
            overflow="fold",
        )
    for row in rows:
        # Text, not markup: a tag or a file name may hold anything
        table.add_row(*(Text(form(row[name])) for name, form in columns.items()))
    console.print(table)

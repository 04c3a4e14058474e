"""The scorecard as text: tables, units, and the next step."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestration.cli.metric_table import show_cases, show_metrics
from orchestration.printable import one_line, printable
from orchestration.refusals import Refusals
from orchestration.rows import Row
from orchestration.run_failure import RunFailure
from orchestration.scorecard import QUARANTINE_QUERY, WORST, Scorecard
from signals.validation.pairs import ABSTAINED

QUERY = """\
select driver, sum(conversations) as conversations
from marts.rollup_drivers
where cadence = 'week' and is_complete
group by all
order by conversations desc"""


def page(stderr: bool = False) -> Console:
    """Standard output, or error: wide enough for the tables, unless a terminal or $COLUMNS says how wide it is."""
    console = Console(stderr=stderr)
    if console.is_terminal or os.environ.get("COLUMNS"):
        return console
    return Console(width=WIDTH, stderr=stderr)


def show(card: Scorecard, console: Console, left_alone: Sequence[Row] = ()) -> None:
    """Print what was published: drivers, coverage, what is unknown, what was refused, where it is."""
    totals = card.totals
    console.print(
        f"[bold]{totals['conversations']:,}[/] conversations opened {totals['first_day']} to "
        f"{totals['last_day']}, [bold]{totals['in_scope']:,}[/] in scope"
        + _excluded(card.excluded),
        highlight=False,
    )
    show_metrics(card.metrics, console)
    show_cases(card.triage, console)
    _drivers(card, console)
    _signals(card.signals, console)
    show_moves(card.signal_moves, console)
    show_taxonomy_moves(card.taxonomy_moves, console)
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
    show_refusals(Refusals(card.refused, card.quarantine, card.quarantine_count), console)
    show_left_alone(left_alone, console)
    console.print(f"\nPublished [bold]{card.build}[/]; readers open", card.file, highlight=False)
    console.print("Try:", style="bold")
    console.print(f"duckdb -readonly {card.file}", markup=False, highlight=False, soft_wrap=True)
    console.print(QUERY, markup=False, highlight=False)


def show_moves(rows: Sequence[Row], console: Console) -> None:
    """Print a line for each signal that another version answers than in the build before: what moved where."""
    for row in rows:
        told = [
            f"{each['conversations']:,} {each['from'] or ABSTAINED} → {each['to'] or ABSTAINED}"
            for each in row["moves"][:MOST_MOVES]
        ]
        if rest := len(row["moves"][MOST_MOVES:]):
            told.append(f"{rest:,} more ways in marts.signal_moves")
        console.print(
            f"{row['signal']}, before by {row['previously_by']}, now by {row['answered_by']}: "
            f"{row['moved']:,} of {row['conversations']:,} moved{': ' if told else ''}{', '.join(told)}.",
            **_AS_WRITTEN,
        )


def show_taxonomy_moves(rows: Sequence[Row], console: Console) -> None:
    """Print a line if tags of conversations counted before belong to another driver since: which way."""
    if not rows:
        return
    told = [
        f"{row['tags']:,} {row['previous_driver']} → {row['driver']}" for row in rows[:MOST_MOVES]
    ]
    if rest := len(rows[MOST_MOVES:]):
        told.append(f"{rest:,} more ways")
    moved = sum(row["tags"] for row in rows)
    console.print(
        f"The taxonomy was edited: {moved:,} tags of conversations counted before moved to another driver: "
        f"{', '.join(told)}. See marts.taxonomy_moves.",
        **_AS_WRITTEN,
    )


def show_refusals(found: Refusals, console: Console) -> None:
    """Print what was received and could not be used: records by position, files by name."""
    title = f"In quarantine: {found.quarantine_count:,} records, by file"
    _table(console, title, found.quarantine, _QUARANTINE)
    if more := found.quarantine_count - len(found.quarantine):
        console.print(f"  and {more:,} more: {QUARANTINE_QUERY}", **_AS_WRITTEN)
    _files(console, "Refused files", found.refused)


def show_left_alone(rows: Sequence[Row], console: Console) -> None:
    """Print which files of the exports folder were not read on purpose."""
    _files(console, "Files not read", rows)


def show_blocked(breaches: Sequence[Row], remedies: Sequence[str], console: Console) -> None:
    """Print why nothing was published: which checks, what they found, what to do."""
    console.print("[bold red]Blocked:[/] a check that guards the marts failed.")
    _table(console, "Breaches", breaches, _BREACHES)
    for remedy in remedies:
        console.print(f"To do: {remedy}", **_AS_WRITTEN)


def show_failure(failure: RunFailure, console: Console) -> None:
    """Print that a run since the build shown did not publish: when, why, what to do."""
    done = "was blocked by a check" if failure.outcome == "blocked" else "failed"
    console.print(
        f"A later run {done}, at {failure.ended_at:%Y-%m-%d %H:%M} UTC:", style="bold red"
    )
    for reason in failure.reasons:
        console.print(f"  {printable(reason)}", **_AS_WRITTEN)
    console.print("Mend the cause and run `assay run` again; readers see no part of that run.\n")


def _files(console: Console, title: str, rows: Sequence[Row]) -> None:
    _table(console, title, rows[:WORST], _REFUSED)
    if more := len(rows[WORST:]):
        console.print(f"  and {more:,} more", **_AS_WRITTEN)


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


def _signals(rows: Sequence[Row], console: Console) -> None:
    shown = [row | {"corrected_share": _corrected(row), "labels": _labels(row)} for row in rows]
    _table(console, "Signals, shares of all conversations in scope", shown, _SIGNALS)


def _corrected(row: Row) -> str:
    if row["corrected_share"] is None:
        return f"unvalidated: {row['unvalidated_reason']}"
    low, high = row["corrected_low"], row["corrected_high"]
    return f"{row['corrected_share']:.1%} ({low:.1%} to {high:.1%})"


def _labels(row: Row) -> str:
    return f"{row['labels']:,}{' simulated' if row['is_simulated'] else ''}"


_AS_WRITTEN: dict[str, Any] = {"markup": False, "highlight": False, "soft_wrap": True}

MOST_MOVES = 6
"""Shown of a signal: all of them where it has three values."""

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
    return "" if value is None else one_line(str(value))


def _tenth(value: Any) -> str:
    return f"{value:.1%}"


_SIGNALS: dict[str, Format] = {
    "signal": _text,
    "value": _text,
    "counted_share": _tenth,
    "corrected_share": _text,
    "labels": _text,
}
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

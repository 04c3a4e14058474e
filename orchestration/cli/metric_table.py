"""Metrics as a table of text: value, movement, standing and who answers for it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from contracts.status import STALE
from orchestration.printable import one_line
from orchestration.rows import Row

STYLES = {"active": "green", "provisional": "yellow", "withheld": "red", "draft": "dim"}

SHOWN = ("active", "provisional", "withheld")
"""A draft is not for leaders: it is named, and its numbers are not told."""


def show_metrics(rows: Sequence[Row], console: Console) -> None:
    """Print the metrics that were launched, then what keeps the others back."""
    if not rows:
        return
    launched = [row for row in rows if row["status"] in SHOWN]
    if launched:
        console.print(_table(launched))
    for row in rows:
        if row["status"] != "active" and row["status_reasons"]:
            reasons = one_line("; ".join(each.rstrip(".") for each in row["status_reasons"]))
            console.print(
                Text.assemble(
                    "  ",
                    (row["status"], STYLES.get(row["status"], "")),
                    f"  {row['metric']}: {reasons}.",
                ),
                soft_wrap=True,
            )


def show_cases(cases: Sequence[Row], console: Console) -> None:
    """A line for each metric that is past its threshold, and until when somebody must have it."""
    for case in cases:
        past = f"{case['measured']:,.4g} is {case['direction']} {case['threshold']:g}"
        console.print(
            Text.assemble(
                "  ",
                ("triage", "red"),
                one_line(
                    f"  {case['metric']}: {past}; {case['owner']}, due {case['due_at']:%Y-%m-%d %H:%M} UTC"
                ),
            ),
            soft_wrap=True,
        )
    if cases:
        console.print("  What is done then: assay triage", soft_wrap=True)


_COLUMNS: dict[str, Literal["left", "right"]] = {
    "metric": "left",
    "period": "left",
    "value": "right",
    "change": "right",
    "status": "left",
    "coverage": "right",
    "validated by": "left",
}


def _answered_for(row: Row) -> str:
    """The second line: which version, who owns it, and when its next period ends."""
    due = f"review {row['next_review_on']}" if row["next_review_on"] else None
    return f"  {', '.join(filter(None, (row['version'], row['owner'] or 'owned by nobody', due)))}"


def _table(rows: Sequence[Row]) -> Table:
    table = Table(
        title="Metrics, last complete period", title_justify="left", title_style="bold",
        box=box.SIMPLE_HEAD, padding=0,
    )  # fmt: skip
    for name, justify in _COLUMNS.items():
        # on a narrow screen the name folds, and no number is cut short
        is_name = name == "metric"
        table.add_column(
            name, justify=justify, no_wrap=not is_name, overflow="fold" if is_name else "ellipsis"
        )
    for row in rows:
        table.add_row(
            Text.assemble(row["metric"], "\n", (_answered_for(row), "dim")),
            Text(str(row["period_start"] or "")),
            Text(value(row) + (" (few)" if row["is_small"] else "")),
            Text(change(row)),
            _status(row),
            Text(coverage(row["coverage"])),
            Text(_validated(row)),
        )
    return table


def _status(row: Row) -> Text:
    """What is overdue stands as it stood, and a number of last month is not to be read as today's."""
    is_stale = any(each.startswith(STALE) for each in row["status_reasons"] or ())
    style = STYLES.get(row["status"], "")
    return Text.assemble((row["status"], style), ("\nstale", "yellow") if is_stale else "")


def value(row: Row) -> str:
    """A value in its unit, corrected with its interval where labels allow."""
    if row["value"] is None:
        return "withheld" if row["status"] == "withheld" else "none"
    told = amount(row["value"], row)
    if row["value_corrected"] is None:
        return told
    low, high = amount(row["value_low"], row), amount(row["value_high"], row)
    return f"{told}, corrected {amount(row['value_corrected'], row)} ({low} to {high})"


def amount(number: float, row: Row) -> str:
    """A number as its metric counts: a share in per cent, minutes and hours as such, a count whole."""
    if row["value_kind"] == "share":
        return f"{number:.1%}"
    digits = 0 if row["value_kind"] == "count" or abs(number) >= 100 else 1
    return f"{number:,.{digits}f} {short_unit(row['unit'])}".strip()


def change(row: Row) -> str:
    """How far the value moved since the period before: shares in points, the rest in its unit."""
    moved = row["change"]
    if moved is None:
        return ""
    if row["value_kind"] == "share":
        return f"{100 * moved:+.1f} pts"
    return f"{moved:+,.{0 if row['value_kind'] == 'count' else 1}f}"


def coverage(measured: float | None) -> str:
    """A coverage rounded down: 99.97 % must not read as all of it."""
    return "not measured" if measured is None else f"{math.floor(measured * 10_000) / 100:.2f}%"


def short_unit(unit: str | None) -> str:
    """The unit as it stands beside a number; whose minutes they are, its name says."""
    return {"minutes": "min", "hours": "h"}.get((unit or "").split(" ")[-1], "")


def _validated(row: Row) -> str:
    if not row["is_validated"]:
        return "nobody"
    return f"{row['labels']:,} {'simulated' if row['is_simulated'] else 'labels'}"

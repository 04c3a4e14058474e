"""Metrics as a table of text: value, movement, standing and who answers for it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

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
            reasons = one_line("; ".join(row["status_reasons"]))
            console.print(
                Text.assemble(
                    "  ",
                    (row["status"], STYLES.get(row["status"], "")),
                    f"  {row['metric']}: {reasons}.",
                ),
                soft_wrap=True,
            )


def _table(rows: Sequence[Row]) -> Table:
    table = Table(
        title="Metrics, last complete period", title_justify="left", title_style="bold",
        box=box.SIMPLE_HEAD, padding=(0, 1),
    )  # fmt: skip
    for name, justify in (
        ("metric", "left"), ("period", "left"), ("value", "right"), ("change", "right"),
        ("status", "left"), ("coverage", "right"), ("validated by", "left"), ("owner", "left"),
        ("version", "left"), ("next", "left"),
    ):  # fmt: skip
        table.add_column(name, justify=justify, overflow="fold", no_wrap=name != "owner")  # type: ignore[arg-type]
    for row in rows:
        cells = [
            row["metric"],
            f"{row['cadence']} {row['period_start']}" if row["period_start"] else "",
            value(row) + (" (few)" if row["is_small"] else ""),
            change(row),
            None,
            coverage(row["coverage"]),
            _validated(row),
            row["owner"] or "nobody",
            row["version"] or "",
            str(row["next_review_on"] or ""),
        ]
        status = Text(row["status"], style=STYLES.get(row["status"], ""))
        table.add_row(*(status if each is None else Text(each) for each in cells))
    return table


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
    """The unit as it stands beside a number."""
    return {"minutes": "min", "hours": "h"}.get((unit or "").split(" ")[0], "")


def _validated(row: Row) -> str:
    if not row["is_validated"]:
        return "nobody"
    return f"{row['labels']:,} {'simulated' if row['is_simulated'] else 'labels'}"

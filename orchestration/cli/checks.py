"""`assay checks`: what was judged of the newest published build, clause by clause."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click
import duckdb
from rich import box
from rich.table import Table
from rich.text import Text

from contracts.errors import did_you_mean
from orchestration.cli import ending
from orchestration.cli.number import published
from orchestration.cli.scorecard import page
from orchestration.metrics.judged import metrics_judged, read_checks
from orchestration.printable import one_line
from orchestration.rows import Row

STYLES = {"passed": "green", "failed": "red", "not measured": "yellow"}

SLICES = 5
"""Failing slices shown of a clause without --all: the worst come first."""


@click.command()
@click.argument("metric", required=False)
@click.option("--failing", is_flag=True, help="Those that failed or were not measured alone.")
@click.option("--all", "every", is_flag=True, help=f"Every failing slice, not {SLICES} of a check.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def checks(metric: str | None, failing: bool, every: bool, as_json: bool) -> None:
    """
    Show what was judged of the newest published build: all of it, or the clauses of METRIC.

    A check passed, failed, or was not measured, which is neither. Checks that stop publishing are marked.
    """
    with published() as connection:
        rows = _rows(connection, metric)
    if failing:
        rows = [row for row in rows if row["state"] != "passed"]
    if as_json:
        click.echo(json.dumps(rows, default=str, ensure_ascii=False))
        return
    _show(rows if every else _worst(rows), metric)


def _rows(connection: duckdb.DuckDBPyConnection, metric: str | None) -> list[Row]:
    if metric is not None and metric not in (known := metrics_judged(connection)):
        ending.stop(
            f"{metric} is not a metric of this build.{did_you_mean(metric, known)} "
            "`assay checks` lists the checks of all."
        )
    return read_checks(connection, metric)


def _worst(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["place"] <= SLICES]


def _wants_doing(row: Row) -> bool:
    """What failed; and a sample, of which nothing is measured until somebody reads it."""
    return row["state"] == "failed" or (row["clause"], row["state"]) == (
        "validation",
        "not measured",
    )


def _show(rows: Sequence[Row], metric: str | None) -> None:
    console = page()
    if not rows:
        console.print("Nothing failed, and all of it was measured.")
        return
    table = Table(box=box.SIMPLE_HEAD, padding=0)
    columns = ("clause", "state", "bound", "finding")
    for column in columns if metric else ("of", *columns):
        # the finding is what is read: long names give way to it
        width = {"of": 30, "clause": 24, "bound": 26}.get(column)
        table.add_column(column, no_wrap=column == "state", max_width=width, overflow="fold")
    for row in rows:
        of = [] if metric else [row["metric"] or row["suite"]]
        state = Text(row["state"], style=STYLES[row["state"]])
        table.add_row(*of, row["clause"], state, row["expected"] or "", one_line(row["detail"]))
    console.print(table)
    if metric:
        console.print(f"Owner: {rows[0]['owner']}", soft_wrap=True)
        console.print(f"Contract: dbt_project/{rows[0]['file']}", soft_wrap=True)
    elif any(row["severity"] == "blocking" and row["state"] == "failed" for row in rows):
        console.print("On one of them nothing is published.", style="red")
    for remedy in dict.fromkeys(row["remedy"] for row in rows if _wants_doing(row)):
        console.print(f"To do: {remedy}", soft_wrap=True)
    if metric:
        console.print(f"The conversations behind it: assay evidence {metric} last")

"""`assay evidence`: the conversations and quotes behind a number."""

from __future__ import annotations

import json
import shlex

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from contracts.contract import DIMENSIONS
from orchestration.cli import ending
from orchestration.cli.number import headline, published, quoted, standing
from orchestration.cli.scorecard import page
from orchestration.metrics.evidence import ALL, Evidence, read_evidence
from orchestration.printable import one_line

FIRST = 20
"""Conversations listed without --all: a screenful, and enough to read into."""


@click.command()
@click.argument("metric")
@click.argument("period")
@click.option("--driver", help="Of one driver: short for --dimension driver --member DRIVER.")
@click.option("--dimension", type=click.Choice(DIMENSIONS), help="Of one member of a dimension.")
@click.option("--member", help="Which member of it.")
@click.option(
    "--against", is_flag=True, help="List the conversations that speak against the value."
)
@click.option("--all", "every", is_flag=True, help=f"All conversations, not the first {FIRST}.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def evidence(
    metric: str,
    period: str,
    driver: str | None,
    dimension: str | None,
    member: str | None,
    against: bool,
    every: bool,
    as_json: bool,
) -> None:
    """
    Show what lies behind the number of METRIC in PERIOD: quotes for and against it, and its conversations.

    PERIOD is a day of it (2026-09-21), a week (2026-W39), a month (2026-09), a quarter (2026-Q3), an hour
    of UTC (2026-09-21T14) or `last`, the last complete one.
    """
    if driver is not None:
        if dimension or member:
            ending.stop("Write --driver, or --dimension with --member, not both.")
        dimension, member = "driver", driver
    if (dimension is None) != (member is None):
        ending.stop("--dimension and --member go together, as in --dimension segment --member smb.")
    with published() as connection:
        found = read_evidence(
            connection, metric, period, dimension or ALL, member or ALL, against,
            most=None if every else FIRST,
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps(found.as_dict(), default=str, ensure_ascii=False))
    else:
        _show(found, page(), f"assay evidence {shlex.quote(metric)} {shlex.quote(period)}")


def _show(found: Evidence, console: Console, command: str) -> None:
    of = "" if found.dimension == ALL else f", {found.dimension} {found.member}"
    _say(console, headline(found.number, found.value, of), style="bold")
    for line in standing(found.number):
        _say(console, line)
    for side, title in (("for", "Speaking for it"), ("against", "Speaking against it")):
        rows = [row for row in found.quotes if row["side"] == side]
        _say(console, f"\n{title}" if rows else f"\n{title}: no conversation", style="bold")
        for row in rows:
            _say(console, quoted(row, console.width))
    _conversations(found, console)
    if not found.number.is_withheld and len(found.conversations) < _on_this_side(found):
        _say(
            console,
            f"All of them: {command} --all, with the same options. One as received: assay raw ID",
        )


def _on_this_side(found: Evidence) -> int:
    return (found.counted if found.side == "for" else found.not_counted) or 0


def _conversations(found: Evidence, console: Console) -> None:
    if found.counted is None or found.not_counted is None:
        _say(console, "\nConversations: not listed, for their number would tell what is withheld.")
        return
    whole = _on_this_side(found)
    which = "the value rests on" if found.side == "for" else "that speak against the value"
    of_all = f"{whole:,} of {found.counted + found.not_counted:,}"
    if not whole:
        _say(console, f"\nNo conversation is among those {which}.")
        return
    shown = (
        "all" if len(found.conversations) == whole else f"the first {len(found.conversations):,}"
    )
    table = Table(
        title=f"\nConversations {which}: {of_all}, {shown}", title_justify="left", title_style="bold",
        box=box.SIMPLE_HEAD, padding=(0, 1),
    )  # fmt: skip
    names = (
        "conversation_id",
        "opened_on",
        "driver",
        "canonical_tag",
        "segment",
        "state",
        "subject",
    )
    told = [[one_line(str(row[name] or "")) for name in names] for row in found.conversations]
    for place, name in enumerate(names):
        # an id cut short leads nowhere: the subject, which comes last, gives way
        room = 0 if name == "subject" else max(len(name), *(len(each[place]) for each in told))
        table.add_column(name.replace("_", " "), overflow="ellipsis", no_wrap=True, min_width=room)
    for each in told:
        # Text, not markup: what customers wrote may hold anything
        table.add_row(*map(Text, each))
    console.print(table)


def _say(console: Console, line: str, style: str | None = None) -> None:
    console.print(Text(line, style=style or ""), soft_wrap=True)

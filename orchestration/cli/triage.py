"""`assay triage`: metrics past their threshold, whose they are and until when; and closing a case."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click
from rich import box
from rich.table import Table
from rich.text import Text

from contracts.errors import did_you_mean
from orchestration import run_lock
from orchestration.cli import ending
from orchestration.cli.number import published
from orchestration.cli.scorecard import page
from orchestration.ledger import Ledger
from orchestration.printable import masked, one_line
from orchestration.rows import Row, append, told
from orchestration.stores import Stores

STYLES = {"open": "yellow", "overdue": "red", "closed": "dim"}

_CASES = """
from marts.triage
where $every or state != 'closed'
order by list_position(['overdue', 'open', 'closed'], state), due_at, triage_id
"""


@click.group(invoke_without_command=True)
@click.option("--all", "every", is_flag=True, help="Closed ones too.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
@click.pass_context
def triage(context: click.Context, every: bool, as_json: bool) -> None:
    """
    Show the metrics that are past their threshold: since when, whose they are, and when somebody must have them.

    A metric past its threshold for as many periods in a row as its contract says opens a case; one period alone,
    a gap or a recovery opens none.
    """
    if context.invoked_subcommand:
        return
    with published() as connection:
        rows = told(connection, _CASES, {"every": every})
    if as_json:
        click.echo(json.dumps(rows, default=str, ensure_ascii=False))
    else:
        _show(rows)


@triage.command("close")
@click.argument("case")
@click.option("--by", required=True, help="Who closes it.")
@click.option("--because", required=True, help="Why: what was found, what was done.")
def close(case: str, by: str, because: str) -> None:
    """Close CASE: it stays on record with who closed it and why. While its streak lasts no other is opened."""
    stores = Stores.from_environment()
    try:
        with run_lock.run_lock(stores.lock), Ledger.open(stores.ledger) as ledger:
            known = [row["triage_id"] for row in told(ledger.connection, "from triage_cases")]
            if case not in known:
                ending.stop(
                    f"{case} is no case.{did_you_mean(case, known)} `assay triage --all` lists them."
                )
            closed = told(
                ledger.connection, "from triage_ends where triage_id = $case", {"case": case}
            )
            if closed:
                ending.stop(f"{case} was closed by {closed[0]['closed_by']} before.")
            ended = (case, datetime.now(UTC), masked(by), masked(because))
            append(ledger.connection, "triage_ends", [ended])
    except run_lock.LockError as error:
        ending.stop(str(error))
    click.echo(f"{case} is closed. The next `assay run` publishes it.")


def _show(rows: list[Row]) -> None:
    console = page()
    if not rows:
        console.print("No metric is past its threshold for as long as its contract allows.")
        return
    table = Table(box=box.SIMPLE_HEAD, padding=0)
    for column in ("case", "state", "measured", "since", "due", "owner"):
        table.add_column(column, no_wrap=column != "owner")
    for row in rows:
        past = f"{row['measured']:,.4g}, {row['direction']} {row['threshold']:g}"
        table.add_row(
            row["triage_id"], Text(row["state"], style=STYLES[row["state"]]), past,
            f"{row['since']:%Y-%m-%d}", f"{row['due_at']:%Y-%m-%d %H:%M} UTC",
            one_line(f"{row['owner']} <{row['owner_email']}>"),
        )  # fmt: skip
    console.print(table)
    for row in rows:
        if row["state"] != "closed":
            for action in row["actions"]:
                console.print(f"  {row['metric']}: {one_line(action)}", soft_wrap=True)
    console.print("One that is done with: assay triage close CASE --by NAME --because WHY")

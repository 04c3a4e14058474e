"""`assay contract revalidate`: somebody looked at a changed source field, and the metric is right all the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click
import duckdb
from rich.console import Console

from contracts.contract import Contract
from orchestration import warehouse
from orchestration.cli import ending
from orchestration.cli.contract import errors, named
from orchestration.exports import raw_tables
from orchestration.ledger import Ledger
from orchestration.metrics import field_changes
from orchestration.printable import masked, one_line
from orchestration.rows import Row, append
from orchestration.run_lock import LockError, run_lock
from orchestration.stores import Stores


@click.command("revalidate")
@click.argument("metric")
@click.option("--reviewer", required=True, help="Who looked.")
@click.option("--saw", required=True, help="What was seen, in a sentence.")
@click.option("--json", "as_json", is_flag=True, help="What is settled, as JSON.")
def revalidate(metric: str, reviewer: str, saw: str, as_json: bool) -> None:
    """
    Record that METRIC is right although source fields it locks have changed, in the exports loaded so far.

    The next run restores its status. Exports that come later are compared with these too.
    """
    if not reviewer.strip() or not saw.strip():
        ending.stop("Say who looked and what they saw: --reviewer NAME --saw TEXT.")
    with errors():
        contract = named(warehouse.read_metric_contracts(), metric)
    stores = Stores.from_environment()
    if not stores.work.exists():
        ending.stop(f"No export was loaded into {stores.root} yet: write `assay run` first.")
    try:
        with run_lock(stores.lock):
            up_to, settled = _settle(stores, contract, reviewer.strip(), saw.strip())
    except LockError as error:
        ending.stop(str(error))
    _tell(contract, reviewer, saw, up_to, settled, as_json)


def _settle(stores: Stores, contract: Contract, reviewer: str, saw: str) -> tuple[int, list[Row]]:
    """What is open is settled up to the last export there is; where nothing is, this ends the command."""
    with duckdb.connect(str(stores.work)) as work, Ledger.open(stores.ledger) as ledger:
        # a work database of an earlier version knows less of its exports
        raw_tables.create(work, [])
        found = field_changes.find(work, ledger.connection, [contract])
        settled = field_changes.open_changes(found)
        if not settled:
            ending.stop(
                f"No source field that {contract.metric} locks has changed since somebody last stood by it: "
                "there is nothing to settle. `assay status` tells what keeps it from being active."
            )
        up_to = ledger.last_sequence()
        row = (contract.metric, contract.version, reviewer, saw, up_to, datetime.now(UTC))
        append(ledger.connection, "metric_revalidations", [row])
        return up_to, settled


def _tell(
    contract: Contract, reviewer: str, saw: str, up_to: int, settled: list[Row], as_json: bool
) -> None:
    if as_json:
        told = {
            "metric": contract.metric,
            "version": contract.version,
            "reviewer": reviewer,
            "saw": saw,
        }
        click.echo(
            json.dumps({**told, "export_seq": up_to, "settled": settled}, ensure_ascii=False)
        )
        return
    console = Console()
    lines = [masked(field_changes.sentence(row)) for row in settled]
    lines.append(
        f"Settled by {reviewer} for {contract.metric} {contract.version}. "
        "Next: `assay run`, which restores its status."
    )
    for line in lines:
        console.print(one_line(line), markup=False, highlight=False, soft_wrap=True)

"""`assay contract revalidate`: somebody looked at what changed beneath a metric, and it is right all the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import click
import duckdb
from rich.console import Console

from contracts.contract import Contract
from expectations.suites.history import told
from orchestration import warehouse
from orchestration.cli import ending
from orchestration.cli.contract import errors, named
from orchestration.exports import raw_tables
from orchestration.ledger import Ledger
from orchestration.metrics import field_changes, rewrites
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
    Record that METRIC is right although source fields it locks have changed, in the exports loaded so far, or past
    periods are counted otherwise than they were published.

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
            settled = _settle(stores, contract, reviewer.strip(), saw.strip())
    except LockError as error:
        ending.stop(str(error))
    _tell(contract, reviewer, saw, settled, as_json)


@dataclass(frozen=True)
class Settled:
    """What was open of a metric: changed fields up to an export, and past periods counted otherwise."""

    up_to: int
    fields: list[Row]
    rewrites: list[Row]


def _settle(stores: Stores, contract: Contract, reviewer: str, saw: str) -> Settled:
    """What is open is settled up to the last export there is; where nothing is, this ends the command."""
    with duckdb.connect(str(stores.work)) as work, Ledger.open(stores.ledger) as ledger:
        # a work database of an earlier version knows less of its exports
        raw_tables.create(work, [])
        found = field_changes.find(work, ledger.connection, [contract])
        settled = Settled(
            ledger.last_sequence(),
            field_changes.open_changes(found),
            rewrites.open_rewrites(ledger.connection, contract),
        )
        if not settled.fields and not settled.rewrites:
            ending.stop(
                f"No source field that {contract.metric} locks has changed since somebody last stood by it, and "
                "no past period of it is counted otherwise: there is nothing to settle. `assay status` tells "
                "what keeps it from being active."
            )
        row = (contract.metric, contract.version, reviewer, saw, settled.up_to, datetime.now(UTC))
        append(ledger.connection, "metric_revalidations", [row])
        return settled


def _tell(contract: Contract, reviewer: str, saw: str, settled: Settled, as_json: bool) -> None:
    if as_json:
        facts = {
            "metric": contract.metric,
            "version": contract.version,
            "reviewer": reviewer,
            "saw": saw,
        }
        click.echo(
            json.dumps(
                {
                    **facts,
                    "export_seq": settled.up_to,
                    "settled": settled.fields,
                    "rewrites": settled.rewrites,
                },
                ensure_ascii=False,
            )
        )
        return
    console = Console()
    lines = [masked(field_changes.sentence(row)) for row in settled.fields]
    lines += [f"{told(row)}." for row in settled.rewrites]
    lines.append(
        f"Settled by {reviewer} for {contract.metric} {contract.version}. "
        "Next: `assay run`, which restores its status."
    )
    for line in lines:
        console.print(one_line(line), markup=False, highlight=False, soft_wrap=True)

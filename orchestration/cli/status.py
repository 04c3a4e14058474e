"""`assay status`: the scorecard of the newest published build."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
import duckdb
from rich.console import Console

from orchestration.cli import ending
from orchestration.cli.scorecard import page, show, show_failure
from orchestration.printable import of_another_program
from orchestration.run_failure import recall
from orchestration.scorecard import read_scorecard
from orchestration.stores import Stores


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The scorecard as JSON.")
def status(as_json: bool) -> None:
    """
    Show the newest published build: drivers, coverage, unknown tags, quarantine, breaches.

    Where a later run failed or was blocked, that is said first.
    """
    stores = Stores.from_environment()
    pointer, failure = stores.pointer, recall(stores)
    if not pointer.exists():
        if failure:
            show_failure(failure, Console(stderr=True))
        ending.stop(f"{pointer}: nothing is published yet. Run `assay run --exports DIR` first.")
    try:
        card = read_scorecard(pointer)
    except duckdb.IOException as error:
        ending.stop(f"{pointer} cannot be read. {of_another_program(str(error))} Run `assay run`.")
    if as_json:
        later = asdict(failure) if failure else None
        click.echo(json.dumps({**card.as_dict(), "later_failure": later}, default=str))
        return
    console = page()
    if failure:
        show_failure(failure, console)
    show(card, console)

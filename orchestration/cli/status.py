"""`assay status`: the scorecard of the newest published build."""

from __future__ import annotations

import json

import click

from orchestration.cli import ending
from orchestration.cli.scorecard import page, show
from orchestration.scorecard import read_scorecard
from orchestration.stores import Stores


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The scorecard as JSON.")
def status(as_json: bool) -> None:
    """Show the newest published build: drivers, coverage, unknown tags, quarantine, breaches."""
    pointer = Stores.from_environment().pointer
    if not pointer.exists():
        ending.stop(f"{pointer}: nothing is published yet. Run `assay run --exports DIR` first.")
    card = read_scorecard(pointer)
    if as_json:
        click.echo(json.dumps(card.as_dict(), default=str))
    else:
        show(card, page())

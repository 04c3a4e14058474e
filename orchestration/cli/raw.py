"""`assay raw`: a conversation exactly as it was received."""

from __future__ import annotations

from pathlib import Path

import click
import duckdb
from rich.console import Console

from orchestration.cli import ending
from orchestration.stores import Stores


@click.command()
@click.argument("conversation")
@click.option(
    "--exports", type=click.Path(path_type=Path), help="Folder the exports were loaded from."
)
def raw(conversation: str, exports: Path | None) -> None:
    """
    Show every version of CONVERSATION (`<source>:<id>`) as received: file, position, text.

    The text is unmasked: it is read from the export itself.
    """
    from contracts.errors import ExportError
    from contracts.exports import read_declarations
    from orchestration import warehouse
    from orchestration.exports.raw_record import raw_records

    stores = Stores.from_environment()
    if not stores.work.exists():
        ending.stop(f"{stores.work}: nothing is loaded yet. Run `assay run --exports DIR` first.")
    try:
        with duckdb.connect(str(stores.work), read_only=True) as connection:
            found = raw_records(
                connection,
                exports or stores.exports,
                read_declarations(warehouse.read_manifest()),
                conversation,
            )
    except ExportError as error:
        ending.stop(f"{error} If it was loaded from elsewhere, name that folder with --exports.")
    if not found:
        ending.stop(
            f"{conversation}: no record of it is loaded. Write <source>:<id>, as in zendesk:42."
        )
    console = Console()
    for record in found:
        console.rule(f"{record.file}, record {record.position:,}", align="left")
        click.echo(record.text)

"""`assay raw`: a conversation exactly as it was received."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import duckdb
from rich.console import Console
from rich.text import Text

from orchestration.cli import ending
from orchestration.printable import masked, of_another_program, printable
from orchestration.stores import Stores

if TYPE_CHECKING:
    from orchestration.exports.raw_record import RawRecord


@click.command()
@click.argument("conversation")
@click.option(
    "--exports",
    type=click.Path(path_type=Path),
    help="Folder the exports were loaded from. Default: that of the last run.",
)
def raw(conversation: str, exports: Path | None) -> None:
    """
    Show every version of CONVERSATION (`<source>:<id>`) as received: file, position, text.

    The text is unmasked: it is read from the export itself.
    """
    from contracts.errors import ExportError
    from contracts.exports import read_declarations
    from orchestration import warehouse
    from orchestration.exports.raw_record import raw_records, refused_records

    stores = Stores.from_environment()
    if not stores.work.exists():
        ending.stop(f"{stores.work}: nothing is loaded yet. Run `assay run --exports DIR` first.")
    if exports is None and stores.received_from.exists():
        exports = Path(stores.received_from.read_text(encoding="utf-8"))
    try:
        with duckdb.connect(str(stores.work), read_only=True) as connection:
            found = raw_records(
                connection,
                exports or stores.exports,
                read_declarations(warehouse.read_manifest()),
                conversation,
            )
            refused = refused_records(connection, conversation)
    except duckdb.CatalogException:
        ending.stop(f"{stores.work}: nothing is loaded yet. Run `assay run --exports DIR` first.")
    except duckdb.IOException as error:
        ending.stop(f"{stores.work} cannot be opened: {of_another_program(str(error))}")
    except ExportError as error:
        ending.stop(f"{error} If it was loaded from elsewhere, name that folder with --exports.")
    if not found and not refused:
        ending.stop(
            f"{conversation}: no record of it is loaded. Write <source>:<id>, as in zendesk:42."
        )
    _show(found)
    for record in refused:
        click.echo(
            f"{conversation} is named in a quarantined record: {masked(record.file)}, record "
            f"{record.position:,}, which {masked(record.reason)}. Its text is in marts.quarantine.",
            err=True,
        )
    if not found:
        ending.stop("No other record of it is loaded.")


def _show(found: Sequence[RawRecord]) -> None:
    console = Console()
    for record in found:
        title = f"{record.file}, record {record.position:,}"
        console.rule(Text(printable(title)), align="left")
        # a pipe gets what was received; a terminal would obey what is meant to be read
        click.echo(printable(record.text) if sys.stdout.isatty() else record.text)

"""`assay generate`: a synthetic export with known truth."""

from __future__ import annotations

from pathlib import Path

import click
import duckdb
from rich.console import Console
from rich.progress import Progress

from orchestration.cli import ending
from orchestration.printable import of_another_program


@click.command()
@click.option("--conversations", type=click.IntRange(min=1), default=20_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option(
    "--plant", multiple=True, help="A named event, as in driver_spike:billing_payments:2026-06-01."
)
@click.option(
    "--day-after",
    nargs=2,
    type=click.IntRange(min=0),
    metavar="NEW UPDATED",
    help="Only the export of the day after: NEW conversations and UPDATED ones of the same world and plants.",
)
@click.option(
    "--files",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Files the tickets are split into.",
)
@click.option("--replace", is_flag=True, help="Overwrite another synthetic export in OUT.")
def generate(
    conversations: int,
    seed: int,
    out: Path,
    plant: tuple[str, ...],
    day_after: tuple[int, int] | None,
    files: int,
    replace: bool,
) -> None:
    """Write a realistic Zendesk and billing export, and beside it the truth the product never reads."""
    from orchestration import synthetic

    screen = Console(stderr=True)
    try:
        with Progress(console=screen, disable=not screen.is_terminal, transient=True) as bar:
            task = bar.add_task("generating", total=None)

            def tell(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            if day_after:
                made = synthetic.generate_day(
                    out, conversations, seed, *day_after, on_progress=tell, plant=plant
                )
            else:
                made = synthetic.generate(
                    out, conversations, seed, plant, tell, files, replace=replace
                )
    except ValueError as error:
        ending.stop(str(error))
    except duckdb.IOException as error:
        said = of_another_program(str(error))
        ending.stop(f"{out}: the export cannot be written. {said} Nothing there was replaced.")
    except OSError as error:
        ending.stop(ending.unusable(error))
    click.echo(made)

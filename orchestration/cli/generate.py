"""`assay generate`: a synthetic export with known truth."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.cli import ending


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
    help="Only the export of the day after: NEW conversations and UPDATED ones of the same world.",
)
def generate(
    conversations: int,
    seed: int,
    out: Path,
    plant: tuple[str, ...],
    day_after: tuple[int, int] | None,
) -> None:
    """Write a realistic Zendesk and billing export, and beside it the truth the product never reads."""
    from orchestration import synthetic

    try:
        if day_after:
            made = synthetic.generate_day(out, conversations, seed, *day_after)
        else:
            made = synthetic.generate(out, conversations, seed, plant)
    except ValueError as error:
        ending.stop(str(error))
    click.echo(made)

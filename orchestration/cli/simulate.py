"""`assay validate simulate`: sheets filled by a reviewer who errs at a stated rate."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.cli.sheets import (
    default_path,
    draw_sheet,
    drawing,
    is_of,
    metrics_by_name,
    record_sheet,
    refuse_to_overwrite,
    sentences,
    tell_drawn,
)
from orchestration.metrics import sample as samples
from orchestration.stores import Stores
from signals.validation import sheet_file
from signals.validation.question import METRIC, ValidationError
from signals.validation.sheet import Sheet


@click.command()
@drawing
@click.argument("names", nargs=-1)
@click.option(
    "--truth",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Of a signal, beside the export.",
)
@click.option("--error-rate", type=click.FloatRange(0, 1), default=0.1, show_default=True)
@click.option("--reviewer", default="simulated", show_default=True)
@click.option(
    "--every-metric",
    is_flag=True,
    help="All metrics; without --truth, those that rest on no signal.",
)
@click.option("--record", "records_them", is_flag=True, help="Record the sheets at once.")
def simulate(
    names: tuple[str, ...],
    size: int | None,
    seed: int,
    stratified_by: str | None,
    out: Path | None,
    as_json: bool,
    truth: Path | None,
    error_rate: float,
    reviewer: str,
    every_metric: bool,
    records_them: bool,
) -> None:
    """
    Draw sheets and fill them as a reviewer would who errs at a stated rate: for synthetic exports.

    Of a signal the truth beside the export says what is right; a metric's claims are taken for right. Whatever
    rests on such labels says that they are simulated.
    """
    stores = Stores.from_environment()
    with sentences():
        found = metrics_by_name() if every_metric else {}
        every = [*samples.confirmable(found), *(samples.labelled(found) if truth else ())]
        asked = [*names, *every]
        if not asked or (out and len(asked) > 1):
            raise ValidationError("Name one signal or metric, or say --every-metric without --out.")
        for name in asked:
            try:
                sheet = draw_sheet(stores, name, size, seed, stratified_by, error_rate)
            except ValidationError as error:
                if name not in every:
                    raise
                # a small world has too few of some, and enough of the others
                click.echo(str(error))
                continue
            path = out or default_path(stores, sheet, reviewer)
            if not is_of(path, sheet):
                refuse_to_overwrite(path, sheet)
            sheet_file.write(path, sheet, reviewer, _simulated_values(sheet, truth, reviewer))
            if records_them:
                click.echo(record_sheet(stores, path, reviewer, False, as_json))
            else:
                tell_drawn(sheet, path, as_json)


def _simulated_values(sheet: Sheet, truth: Path | None, reviewer: str) -> dict[str, str]:
    from orchestration.synthetic.reviewer import simulated_answers

    rate = sheet.error_rate or 0.0
    if sheet.classifier == METRIC:
        return samples.simulated(sheet, reviewer, rate)
    if truth is None:
        raise ValidationError(
            f"{sheet.question.signal} is a signal: name its truth with --truth FILE; `assay generate` "
            "writes it as truth.parquet."
        )
    ids = [row.conversation_id for row in sheet.rows]
    return simulated_answers(
        truth, sheet.question.signal, sheet.question.values, ids, reviewer, rate
    )

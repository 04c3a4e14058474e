"""`assay validate`: samples people read, what they said, and how far a signal or a metric agrees with them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
import duckdb

from orchestration import kept_builds, warehouse
from orchestration.build_plan import project_variables
from orchestration.cli.reviewing import sit
from orchestration.cli.scorecard import page
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
from orchestration.cli.simulate import simulate
from orchestration.cli.validation_report import show, show_confirmed
from orchestration.ledger import Ledger
from orchestration.metrics import sample as samples
from orchestration.stores import Stores
from signals.validation import sheet_file
from signals.validation.question import ValidationError, ask, questions
from signals.validation.report import Targets
from signals.validation.report import report as judge


@click.group()
def validate() -> None:
    """Measure a signal or a metric against people: draw a sample, record what they say, report."""


validate.add_command(simulate)


@validate.command()
@drawing
@click.argument("name")
@click.option("--reviewer", required=True, help="Who will read the conversations.")
@click.option("--review", is_flag=True, help="Read them here, one at a time; again to go on.")
def sample(
    name: str,
    size: int | None,
    seed: int,
    stratified_by: str | None,
    out: Path | None,
    as_json: bool,
    reviewer: str,
    review: bool,
) -> None:
    """
    Draw conversations for a reviewer to read, as a CSV sheet.

    NAME is a signal, whose prediction is hidden, or a metric, whose claim is what is judged.
    """
    stores = Stores.from_environment()
    with sentences():
        sheet = draw_sheet(stores, name, size, seed, stratified_by)
        path = out or default_path(stores, sheet, reviewer)
        if not (review and is_of(path, sheet)):
            refuse_to_overwrite(path, sheet)
            sheet_file.write(path, sheet, reviewer)
        if review:
            sit(path, sheet.question.values)
        else:
            tell_drawn(sheet, path, as_json)


@validate.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--reviewer", help="Who filled the sheet. Default: as the sheet says.")
@click.option("--correct", is_flag=True, help="In place of what the reviewer said of it before.")
@click.option("--json", "as_json", is_flag=True, help="What was recorded, as JSON.")
def record(file: Path, reviewer: str | None, correct: bool, as_json: bool) -> None:
    """Check a filled sheet and store its labels in the ledger: all of them, or none."""
    stores = Stores.from_environment()
    with sentences():
        click.echo(record_sheet(stores, file, reviewer, correct, as_json))


@validate.command()
@click.argument("signal")
@click.option("--reviewer", help="Only this reviewer's labels.")
@click.option("--classifier", help="Default: what answers the signal in the newest build.")
@click.option("--classifier-version", help="An earlier version; --classifier with it.")
@click.option("--target-precision", type=click.FloatRange(0, 1, min_open=True, max_open=True))
@click.option("--target-kappa", type=click.FloatRange(0, 1, max_open=True))
@click.option("--min-labels", type=click.IntRange(min=1), help="Default: the var labels_needed.")
@click.option("--worst", type=click.IntRange(min=0), default=5, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
def report(
    signal: str,
    reviewer: str | None,
    classifier: str | None,
    classifier_version: str | None,
    target_precision: float | None,
    target_kappa: float | None,
    min_labels: int | None,
    worst: int,
    as_json: bool,
) -> None:
    """
    Show how far SIGNAL agrees with its reviewers, and what its shares are when corrected.

    Of a metric: how many of its claims they found right, and which not.
    """
    stores = Stores.from_environment()
    with sentences():
        contract = metrics_by_name().get(signal)
        if contract is not None:
            samples.sample_of(contract)
            with Ledger.for_reading(stores.ledger) as ledger:
                confirmed = samples.confirmed(ledger.connection, contract)
            if as_json:
                click.echo(json.dumps(asdict(confirmed)))
            else:
                show_confirmed(confirmed, contract, page(), worst)
            return
        question = ask(signal, questions(warehouse.read_manifest()))
        with Ledger.for_reading(stores.ledger) as ledger:
            version = _version(stores, ledger.connection, signal, classifier, classifier_version)
            found = judge(
                ledger.connection,
                question,
                version,
                kept_builds.predictions(stores, signal, version),
                min_labels or project_variables(warehouse.PROJECT)["labels_needed"],
                Targets(target_precision, target_kappa),
                reviewer,
                worst,
            )
    if as_json:
        click.echo(json.dumps(found.as_dict(), default=str))
    else:
        show(found, page())


def _version(
    stores: Stores,
    ledger: duckdb.DuckDBPyConnection,
    signal: str,
    classifier: str | None,
    version: str | None,
) -> tuple[str, str]:
    """The version asked for; else the one published; else the one labelled last."""
    recorded = ledger.execute(
        "select classifier, classifier_version from validations where signal = ?"
        " order by recorded_at desc",
        [signal],
    ).fetchall()
    current = kept_builds.version_of(stores, signal)
    known = ([current] if current else []) + recorded
    for each in known:
        if (classifier or each[0], version or each[1]) == each:
            return each
    if not known:
        raise ValidationError(
            f"Nothing answers {signal} in the newest build, and no labels of it are recorded. "
            "Run `assay run` first."
        )
    told = sorted({" ".join(each) for each in known})
    raise ValidationError(
        f"{signal}: {' '.join(filter(None, (classifier, version)))} neither answers it in the newest "
        f"build nor has labels. Known: {', '.join(told)}."
    )

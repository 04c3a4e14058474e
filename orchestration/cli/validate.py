"""`assay validate`: samples people read, what they said, and how far a signal agrees with them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import duckdb

from contracts.errors import ContractError
from orchestration import kept_builds, warehouse
from orchestration.build_plan import project_variables
from orchestration.cli import ending
from orchestration.cli.reviewing import sit
from orchestration.cli.scorecard import page
from orchestration.cli.validation_report import show
from orchestration.ledger import Ledger
from orchestration.run_lock import LockError, run_lock
from orchestration.stores import Stores
from signals.validation import checks, records, sheet_file
from signals.validation.question import ValidationError, ask, questions
from signals.validation.report import Targets
from signals.validation.report import report as judge
from signals.validation.sheet import STRATA, Design, Sheet, draw


@click.group()
def validate() -> None:
    """Measure a signal against people: draw a sample, record what they say, report."""


def drawing(command: Any) -> Any:
    """The options of every command that draws a sheet."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="What was drawn, as JSON."),
        click.option(
            "--out", type=click.Path(path_type=Path, dir_okay=False), help="The sheet's file."
        ),
        click.option("--stratified-by", type=click.Choice(STRATA), help="A sample in proportion."),
        click.option("--seed", type=int, default=1, show_default=True),
        click.option("--n", "size", type=click.IntRange(1, 10_000), default=200, show_default=True),
        click.argument("signal"),
    ):
        command = option(command)
    return command


@validate.command()
@drawing
@click.option("--reviewer", required=True, help="Who will read the conversations.")
@click.option("--review", is_flag=True, help="Read them here, one at a time; again to go on.")
def sample(
    signal: str,
    size: int,
    seed: int,
    stratified_by: str | None,
    out: Path | None,
    as_json: bool,
    reviewer: str,
    review: bool,
) -> None:
    """Draw conversations for REVIEWER to read: a CSV sheet, the prediction hidden."""
    stores = Stores.from_environment()
    with _sentences():
        sheet = _draw(stores, signal, Design(size, seed, stratified_by))
        path = out or _default_path(stores, sheet, reviewer)
        if not (review and _is_of(path, sheet)):
            _refuse_to_overwrite(path, sheet)
            sheet_file.write(path, sheet, reviewer)
        if review:
            sit(path, sheet.question.values)
        else:
            _tell_drawn(sheet, path, as_json)


@validate.command()
@drawing
@click.option("--truth", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--error-rate", type=click.FloatRange(0, 1), default=0.1, show_default=True)
@click.option("--reviewer", default="simulated", show_default=True)
def simulate(
    signal: str,
    size: int,
    seed: int,
    stratified_by: str | None,
    out: Path | None,
    as_json: bool,
    truth: Path,
    error_rate: float,
    reviewer: str,
) -> None:
    """Draw a sheet and fill it as a reviewer would who errs at a stated rate: for synthetic exports."""
    from orchestration.synthetic.reviewer import simulated_answers

    stores = Stores.from_environment()
    with _sentences():
        sheet = _draw(stores, signal, Design(size, seed, stratified_by), error_rate)
        answers = simulated_answers(
            truth,
            signal,
            sheet.question.values,
            [row.conversation_id for row in sheet.rows],
            reviewer,
            error_rate,
        )
        path = out or _default_path(stores, sheet, reviewer)
        if not _is_of(path, sheet):
            _refuse_to_overwrite(path, sheet)
        sheet_file.write(path, sheet, reviewer, answers)
        _tell_drawn(sheet, path, as_json)


@validate.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--reviewer", help="Who filled the sheet. Default: as the sheet says.")
@click.option("--correct", is_flag=True, help="In place of what the reviewer said of it before.")
@click.option("--json", "as_json", is_flag=True, help="What was recorded, as JSON.")
def record(file: Path, reviewer: str | None, correct: bool, as_json: bool) -> None:
    """Check a filled sheet and store its labels in the ledger: all of them, or none."""
    stores = Stores.from_environment()
    with _sentences():
        lines = sheet_file.read(file)
        with run_lock(stores.lock), Ledger.open(stores.ledger) as ledger:
            known = records.known_sheets(ledger.connection)
            sheet = records.find_sheet(ledger.connection, checks.sheet_of(str(file), lines, known))
            who = checks.reviewer_of(str(file), lines, reviewer)
            labels = checks.check(str(file), lines, sheet, kept_builds.standing(stores, sheet))
            recorded = records.record(ledger.connection, sheet, who, labels, file.name, correct)
    told = {
        "validation_id": recorded.validation_id,
        "is_new": recorded.is_new,
        "labels": len(labels),
        "reviewer": who,
        "signal": sheet.question.signal,
        "classifier": sheet.classifier,
        "classifier_version": sheet.classifier_version,
        "build": sheet.build,
        "is_simulated": sheet.is_simulated,
    }
    click.echo(
        json.dumps(told)
        if as_json
        else f"{len(labels):,} labels of {sheet.question.signal} by {sheet.classifier} "
        f"{sheet.classifier_version} {'' if recorded.is_new else 'were already '}recorded for {who}"
        f"{_simulated(sheet)}.\n"
        f"Next: assay validate report {sheet.question.signal}; `assay run` publishes the corrected shares"
    )


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
    """Show how far SIGNAL agrees with its reviewers, and what its shares are when corrected."""
    stores = Stores.from_environment()
    with _sentences():
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


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except (
        ContractError,
        ValidationError,
        LockError,
        warehouse.WarehouseError,
        ValueError,
    ) as error:
        ending.stop(str(error))
    except duckdb.IOException as error:
        ending.stop(f"{error}\nAnother program has the file open: let it end, and try again.")
    except OSError as error:
        ending.stop(ending.unusable(error))


def _draw(stores: Stores, signal: str, design: Design, error_rate: float | None = None) -> Sheet:
    question = ask(signal, questions(warehouse.read_manifest()))
    with kept_builds.newest(stores) as (published, build):
        sheet = draw(published, build, question, design, error_rate)
    with run_lock(stores.lock), Ledger.open(stores.ledger) as ledger:
        records.keep(ledger.connection, sheet)
    return sheet


def _default_path(stores: Stores, sheet: Sheet, reviewer: str) -> Path:
    who = re.sub(r"[^\w-]+", "_", reviewer)
    return stores.sheets / f"{sheet.question.signal}-{who}-{sheet.sheet_id}.csv"


def _is_of(path: Path, sheet: Sheet) -> bool:
    return path.exists() and {line.cells["sheet_id"] for line in sheet_file.read(path)} == {
        sheet.sheet_id
    }


def _refuse_to_overwrite(path: Path, sheet: Sheet) -> None:
    if not path.exists():
        return
    values = sum(bool(line.cells["value"].strip()) for line in sheet_file.read(path))
    if values or not _is_of(path, sheet):
        raise ValidationError(
            f"{path} is a sheet already, with {values:,} values in it. Go on with the same sheet by "
            "--review, or name another file with --out."
        )


def _tell_drawn(sheet: Sheet, path: Path, as_json: bool) -> None:
    told = {"sheet_id": sheet.sheet_id, "file": str(path), "conversations": len(sheet.rows)}
    click.echo(
        json.dumps(told)
        if as_json
        else f"{len(sheet.rows):,} of {sheet.conversations:,} conversations in scope of {sheet.build}, "
        f"{sheet.question.signal} by {sheet.classifier} {sheet.classifier_version}{_simulated(sheet)}: "
        f"{path}\nNext: assay validate record {path}"
    )


def _simulated(sheet: Sheet) -> str:
    return f" (simulated reviewer, errs in {sheet.error_rate:.0%})" if sheet.is_simulated else ""


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

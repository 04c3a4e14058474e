"""Sheets on the command line: how one is drawn, where it lies, and how a filled one is recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import duckdb

from contracts.contract import Contract
from contracts.errors import ContractError
from orchestration import kept_builds, warehouse
from orchestration.cli import ending
from orchestration.ledger import Ledger
from orchestration.metrics import sample as samples
from orchestration.run_lock import LockError, run_lock
from orchestration.stores import Stores
from signals.validation import checks, records, sheet_file
from signals.validation.question import ValidationError, questions
from signals.validation.sheet import STRATA, Design, Sheet, draw

SIZE = 200
"""Conversations of a signal's sample, unless said otherwise: an interval of ±7 points at one half."""


def drawing(command: Any) -> Any:
    """The options of every command that draws a sheet."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="What was drawn, as JSON."),
        click.option(
            "--out", type=click.Path(path_type=Path, dir_okay=False), help="The sheet's file."
        ),
        click.option("--stratified-by", type=click.Choice(STRATA), help="A sample in proportion."),
        click.option("--seed", type=int, default=1, show_default=True),
        click.option(
            "--n",
            "size",
            type=click.IntRange(1, 10_000),
            help="Default: 200, or what the metric's contract asks.",
        ),
    ):
        command = option(command)
    return command


@contextmanager
def sentences() -> Iterator[None]:
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


def metrics_by_name() -> dict[str, Contract]:
    """The metrics whose contracts can be read."""
    return {each.metric: each for each in warehouse.read_metric_contracts().contracts}


def draw_sheet(
    stores: Stores,
    name: str,
    size: int | None,
    seed: int,
    stratified_by: str | None,
    error_rate: float | None = None,
) -> Sheet:
    signals, metrics = questions(warehouse.read_manifest()), metrics_by_name()
    if name in metrics and stratified_by is None:
        sheet = samples.draw(stores, metrics[name], signals, size, seed, error_rate)
    elif name in metrics:
        raise ValidationError(
            f"{name} is a metric: its sample is drawn from what it counts and what it does not. Leave "
            "--stratified-by away."
        )
    elif name in signals:
        with kept_builds.newest(stores) as (published, build):
            design = Design(size or SIZE, seed, stratified_by)
            sheet = draw(published, build, signals[name], design, error_rate)
    else:
        raise samples.unknown(name, signals, metrics)
    with run_lock(stores.lock), Ledger.open(stores.ledger) as ledger:
        records.keep(ledger.connection, sheet)
    return sheet


def default_path(stores: Stores, sheet: Sheet, reviewer: str) -> Path:
    who = re.sub(r"[^\w-]+", "_", reviewer)
    return stores.sheets / f"{sheet.question.signal}-{who}-{sheet.sheet_id}.csv"


def is_of(path: Path, sheet: Sheet) -> bool:
    return path.exists() and {line.cells["sheet_id"] for line in sheet_file.read(path)} == {
        sheet.sheet_id
    }


def refuse_to_overwrite(path: Path, sheet: Sheet) -> None:
    if not path.exists():
        return
    values = sum(bool(line.cells["value"].strip()) for line in sheet_file.read(path))
    if values or not is_of(path, sheet):
        raise ValidationError(
            f"{path} is a sheet already, with {values:,} values in it. Go on with the same sheet by "
            "--review, or name another file with --out."
        )


def tell_drawn(sheet: Sheet, path: Path, as_json: bool) -> None:
    about = f"{sheet.question.signal} by {sheet.classifier} {sheet.classifier_version}"
    told = {"sheet_id": sheet.sheet_id, "file": str(path), "conversations": len(sheet.rows)}
    click.echo(
        json.dumps(told)
        if as_json
        else f"{len(sheet.rows):,} of {sheet.conversations:,} conversations in scope of {sheet.build}, "
        f"{about}{simulated(sheet)}: {path}\nNext: assay validate record {path}"
    )


def simulated(sheet: Sheet) -> str:
    return f" (simulated reviewer, errs in {sheet.error_rate:.0%})" if sheet.is_simulated else ""


def record_sheet(
    stores: Stores, file: Path, reviewer: str | None, correct: bool, as_json: bool
) -> str:
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
    if as_json:
        return json.dumps(told)
    return (
        f"{len(labels):,} labels of {sheet.question.signal} by {sheet.classifier} "
        f"{sheet.classifier_version} {'' if recorded.is_new else 'were already '}recorded for {who}"
        f"{simulated(sheet)}.\n"
        f"Next: assay validate report {sheet.question.signal}; `assay run` publishes what follows"
    )

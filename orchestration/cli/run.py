"""`assay run`: the main job on a folder of exports."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import logging
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from contracts.errors import ContractError, ExportError
from contracts.exports import read_declarations
from orchestration import warehouse
from orchestration.cli import ending
from orchestration.cli.scorecard import page, show, show_blocked, show_left_alone, show_refusals
from orchestration.exports.folder import FoundFiles, find_files
from orchestration.printable import masked
from orchestration.progress import RunProgress, shown
from orchestration.refusals import Refusals, read_refusals
from orchestration.rows import Row
from orchestration.run_failure import reason
from orchestration.run_lock import LockError, run_lock
from orchestration.scorecard import blocking_breaches, read_scorecard
from orchestration.stores import Stores
from signals.declared import read_signals
from signals.packs import read_packs

if TYPE_CHECKING:
    from dagster import DagsterEvent, DagsterInstance, ExecuteInProcessResult


@click.command()
@click.option(
    "--exports",
    type=click.Path(path_type=Path),
    help="Folder of exports, one folder per source inside. Default: exports/ in the data folder.",
)
@click.option("--json", "as_json", is_flag=True, help="The scorecard as JSON.")
def run(exports: Path | None, as_json: bool) -> None:
    """
    Load what is new, build the marts, audit them, and publish them if the audit passes.

    Exit codes: 0 published, 1 blocked by a check, 2 bad input or usage.
    """
    found = Stores.from_environment()
    stores = Stores.at(found.root, exports or found.exports)
    try:
        manifest = warehouse.read_manifest()
        files = find_files(stores.exports, read_declarations(manifest))
        # a rule that cannot be run is told by file and line, before anything is loaded
        read_packs()
        read_signals(manifest)
        # dbt's own lines go to its log: a terminal shows progress instead
        screen = Console(file=sys.stderr if as_json else sys.stdout)
        with (
            run_lock(stores.lock),
            shown(screen) as progress,
            contextlib.redirect_stdout(io.StringIO()),
        ):
            result = _execute(stores, progress)
    except (ContractError, ExportError, LockError, warehouse.WarehouseError) as error:
        ending.stop(str(error))
    except OSError as error:
        ending.stop(ending.unusable(error))
    _report(stores, files, result, as_json)


def _execute(stores: Stores, progress: RunProgress) -> ExecuteInProcessResult:
    _prepare_environment(stores)
    # the project's graph is a million objects that all stay: to look for cycles among them takes a
    # sixth of a small run
    gc.set_threshold(50_000, 20, 20)
    progress.step("graph", "reading the project")

    from orchestration.definitions import definitions

    progress.done("graph")
    job = definitions.resolve_job_def("assay")
    with _instance() as instance:
        return job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            resources={"progress": progress},
            # every event is in the instance, for Dagster's pages; a terminal shows progress instead
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )


def _instance() -> DagsterInstance:
    """The instance `DAGSTER_HOME` names, so its pages show the run; else one kept in memory, which is faster."""
    import dagster as dg

    return (
        dg.DagsterInstance.get()
        if os.environ.get("DAGSTER_HOME")
        else dg.DagsterInstance.ephemeral()
    )


def _prepare_environment(stores: Stores) -> None:
    stores.root.mkdir(parents=True, exist_ok=True)
    os.environ.update(stores.environment(), DAGSTER_DISABLE_TELEMETRY="1")
    # a log that cannot be written, as on a full disk, is no reason for a page of traces
    logging.raiseExceptions = False
    for noisy in ("dagster", "dagster_dbt", "alembic"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)


def _report(
    stores: Stores, files: FoundFiles, result: ExecuteInProcessResult, as_json: bool
) -> None:
    # a program reads JSON or nothing on standard output
    console = page(stderr=as_json)
    if result.success:
        _show_published(stores, files, console, as_json)
        return
    stopped = [
        each for each in result.get_asset_check_evaluations() if each.blocking and not each.passed
    ]
    if stopped:
        remedies = [str(each.metadata["what to do"].value) for each in stopped]
        show_blocked(blocking_breaches(stores.candidate), remedies, console)
    show_refusals(_with_unstored(read_refusals(stores.work), files), console)
    show_left_alone(_left_alone(files), console)
    if stopped:
        ending.stop(_still(stores), ending.BLOCKED)
    reasons = [_reason(stores, event) for event in result.all_events if event.is_step_failure]
    ending.stop("\n".join([*reasons, _still(stores)]), ending.BAD_INPUT)


def _show_published(stores: Stores, files: FoundFiles, console: Console, as_json: bool) -> None:
    card, left_alone = read_scorecard(stores.pointer), _left_alone(files)
    card = replace(card, refused=[*card.refused, *_unstored(card.refused, files)])
    if as_json:
        click.echo(json.dumps({**card.as_dict(), "left_alone": left_alone}, default=str))
        return
    show(card, console, left_alone)


def _with_unstored(found: Refusals, files: FoundFiles) -> Refusals:
    return replace(found, refused=[*found.refused, *_unstored(found.refused, files)])


def _unstored(known: list[Row], files: FoundFiles) -> list[Row]:
    """What was refused before it was read, such as a folder of no source: no store knows of it."""
    names = {row["file"] for row in known}
    return [
        {"file": masked(name), "reason": masked(why)}
        for _, name, why in files.refused
        if masked(name) not in names
    ]


def _left_alone(files: FoundFiles) -> list[Row]:
    found = [*files.left_alone, *files.left_alone_in_archives()]
    return [{"file": masked(name), "reason": why} for name, why in found]


def _reason(stores: Stores, event: DagsterEvent) -> str:
    data = event.step_failure_data
    if data.user_failure_data is not None:
        return reason(stores, str(event.step_key), str(data.user_failure_data.description), True)
    error = data.error.cause or data.error if data.error else None
    return reason(stores, str(event.step_key), error.message.strip() if error else "", False)


def _still(stores: Stores) -> str:
    if not stores.pointer.exists():
        return "Nothing was published."
    return f"Nothing was published; readers still see {stores.pointer.resolve().name}."

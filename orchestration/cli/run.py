"""`assay run`: the main job on a folder of exports."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from contracts.errors import ContractError, ExportError
from contracts.exports import read_declarations
from orchestration import warehouse
from orchestration.cli import ending
from orchestration.cli.scorecard import page, show, show_blocked
from orchestration.exports.folder import find_files
from orchestration.progress import LiveProgress, PlainProgress, RunProgress
from orchestration.run_lock import LockError, run_lock
from orchestration.scorecard import read_scorecard
from orchestration.stores import Stores
from signals.declared import read_signals
from signals.packs import read_packs

if TYPE_CHECKING:
    from dagster import DagsterInstance, ExecuteInProcessResult


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
        find_files(stores.exports, read_declarations(manifest))
        # a rule that cannot be run is told by file and line, before anything is loaded
        read_packs()
        read_signals(manifest)
        # dbt's own lines go to its log: a terminal shows progress instead
        screen = Console(file=sys.stderr if as_json else sys.stdout)
        with (
            run_lock(stores.lock),
            _shown(screen) as progress,
            contextlib.redirect_stdout(io.StringIO()),
        ):
            result = _execute(stores, progress)
    except (ContractError, ExportError, LockError, warehouse.WarehouseError) as error:
        ending.stop(str(error))
    except OSError as error:
        ending.stop(ending.unusable(error))
    _report(stores, result, as_json)


@contextlib.contextmanager
def _shown(console: Console) -> Iterator[RunProgress]:
    if console.is_terminal:
        with LiveProgress(console) as live:
            yield live
    else:
        yield PlainProgress(console)


def _execute(stores: Stores, progress: RunProgress) -> ExecuteInProcessResult:
    _prepare_environment(stores)
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
    for noisy in ("dagster", "dagster_dbt", "alembic"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)


def _report(stores: Stores, result: ExecuteInProcessResult, as_json: bool) -> None:
    console = page()
    if result.success:
        card = read_scorecard(stores.pointer)
        if as_json:
            click.echo(json.dumps(card.as_dict(), default=str))
        else:
            show(card, console)
        return
    failed = [event for event in result.all_events if event.is_step_failure]
    stopped = [
        each for each in result.get_asset_check_evaluations() if each.blocking and not each.passed
    ]
    if stopped:
        show_blocked(read_scorecard(stores.candidate), console)
        ending.stop(_still(stores), ending.BLOCKED)
    reasons = [_reason(event) for event in failed]
    ending.stop("\n".join([*reasons, _still(stores)]), ending.BAD_INPUT)


def _reason(event: object) -> str:
    data = event.step_failure_data  # type: ignore[attr-defined]
    if data.user_failure_data is not None:
        return str(data.user_failure_data.description)
    error = data.error.cause or data.error
    return f"{event.step_key}: {error.message.strip()}"  # type: ignore[attr-defined]


def _still(stores: Stores) -> str:
    if not stores.pointer.exists():
        return "Nothing was published."
    return f"Nothing was published; readers still see {stores.pointer.resolve().name}."

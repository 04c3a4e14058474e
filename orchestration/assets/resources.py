"""What steps are given: the stores and a way to tell how far they are."""

from __future__ import annotations

import os
from typing import Any

import dagster as dg

from orchestration.printable import masked, of_another_program
from orchestration.progress import LogProgress, RunProgress
from orchestration.run_lock import LockError
from orchestration.stores import Stores
from orchestration.warehouse import WarehouseError

WRITERS = "duckdb_write"
"""Every step that writes names this pool of size one: DuckDB has one writing process at a time."""


@dg.resource(description="The data folder of this process.")
def stores(_: dg.InitResourceContext) -> Stores:
    """The stores, asked of the environment when a run starts and not before."""
    found = Stores.from_environment()
    found.root.mkdir(parents=True, exist_ok=True)
    # profiles.yml reads them from there
    os.environ.update(found.environment())
    return found


@dg.resource(description="Where a run tells how far it is.")
def progress(_: dg.InitResourceContext) -> RunProgress:
    """Dagster's log; the command line hands in a display of its own."""
    return LogProgress()


def failure(error: Exception, **metadata: Any) -> dg.Failure:
    """A failure that trying again does not mend, in the words of the error without anybody's data."""
    is_ours = not isinstance(error, WarehouseError)
    told = masked(str(error)) if is_ours else of_another_program(str(error))
    return dg.Failure(description=told, metadata=metadata, allow_retries=False)


def again_later(error: LockError) -> dg.RetryRequested:
    """Another run holds the data folder: the one failure that waiting mends."""
    retry = dg.RetryRequested(max_retries=10, seconds_to_wait=30)
    retry.__cause__ = error
    return retry

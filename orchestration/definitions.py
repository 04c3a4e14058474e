"""The whole platform on one screen."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from orchestration import run_lock
from orchestration.arrivals import arrivals
from orchestration.assets import resources
from orchestration.assets.audit import audit
from orchestration.assets.marts import marts
from orchestration.assets.published import published
from orchestration.assets.raw import TABLES, raw
from orchestration.assets.reviews import REVIEWS
from orchestration.run_hooks import forget_failure, remember_failure
from orchestration.stores import Stores

assay = dg.define_asset_job(
    "assay",
    # a review is of one period, and opened when somebody asks for it
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups("review"),
    description="Exports in, audited marts out.",
    # twice as fast: every process of its own costs a step four seconds of imports
    config={"execution": {"config": {"in_process": {}}}},
    hooks={remember_failure, forget_failure},
)

daily = dg.ScheduleDefinition(
    name="daily",
    job=assay,
    cron_schedule="0 5 * * *",
    description="Every morning at five, UTC: what arrived since yesterday.",
)


@dg.sensor(
    job=assay,
    minimum_interval_seconds=30,
    description=(
        "Starts a run when new exports have landed and are whole, each file once, and finishes a run that was "
        "interrupted. Switch it on under Automation."
    ),
)
def new_exports(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Starts a run for new exports, or in the place of one that was interrupted, once each."""
    stores = Stores.from_environment()
    found = arrivals(stores.exports, context.cursor)
    context.update_cursor(found.cursor)
    if found.new:
        yield dg.RunRequest(run_key=found.key)
    elif interrupted := _interrupted(context.instance, stores):
        yield dg.RunRequest(run_key=f"after {interrupted}")
    else:
        yield dg.SkipReason("No new export, or one that is still being written.")


def _interrupted(instance: dg.DagsterInstance, stores: Stores) -> str | None:
    """
    The last run, where Dagster takes it for running but nobody holds the data folder: its process is gone.

    Between two of its steps a run holds nothing for a moment either; a run too many then finds nothing to do.
    """
    last = instance.get_runs(dg.RunsFilter(job_name=assay.name), limit=1)
    if last and last[0].status is dg.DagsterRunStatus.STARTED and run_lock.is_free(stores.lock):
        return last[0].run_id
    return None


definitions = dg.Definitions(
    assets=[raw, *TABLES, marts, published, *REVIEWS],
    asset_checks=[audit],
    jobs=[assay],
    schedules=[daily],
    sensors=[new_exports],
    executor=dg.multi_or_in_process_executor,
    resources={
        "stores": resources.stores,
        "progress": resources.progress,
    },
)

"""What every run of the job leaves behind, however it was started, so that `assay status` can tell."""

from __future__ import annotations

import dagster as dg

from orchestration import run_failure
from orchestration.assets.audit import SUITES
from orchestration.assets.published import published
from orchestration.scorecard import blocking_breaches


@dg.failure_hook(required_resource_keys={"stores"})
def remember_failure(context: dg.HookContext) -> None:
    """Keep which step failed and why, or which check blocked, beside the stores."""
    stores, error = context.resources.stores, context.op_exception
    # by name: Dagster does not export the class
    if type(error).__name__ == "DagsterAssetCheckFailedError":
        remedies = {suite.name: suite.remedy for suite in SUITES}
        reasons = [
            f"{row['clause']}: {row['detail']} {remedies.get(row['suite'], '')}".rstrip()
            for row in blocking_breaches(stores.candidate)
        ]
        run_failure.remember(stores, "blocked", reasons)
        return
    is_ours = isinstance(error, dg.Failure)
    said = error.description if isinstance(error, dg.Failure) else str(error)
    step = context.op.name
    run_failure.remember(stores, "failed", [run_failure.reason(stores, step, said or "", is_ours)])


@dg.success_hook(required_resource_keys={"stores"})
def forget_failure(context: dg.HookContext) -> None:
    """What readers see is what was built last: no failure stands any more."""
    if context.op.name == published.op.name:
        run_failure.forget(context.resources.stores)

"""The audit: suites over the candidate as asset checks, between the build and its publication."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import dagster as dg
import duckdb

from expectations.breaches import write_breaches
from expectations.outcome import Outcome
from expectations.runner import judge
from expectations.suite import Suite
from expectations.suites import (
    announced_drift,
    coverage,
    drift,
    driver_stack,
    renamed_tags,
    stated_counts,
    structural,
)
from orchestration import run_lock, standing, warehouse
from orchestration.assets.raw import DECLARATIONS
from orchestration.assets.resources import WRITERS, again_later
from orchestration.metrics.standing import settle
from orchestration.progress import RunProgress
from orchestration.stores import Stores
from signals.declared import signal_names


def _coverage_bounds(manifest: Mapping[str, Any]) -> dict[str, float]:
    """The share each source's coverage must exceed, as its YAML declares it."""
    bounds = {}
    for source in manifest["sources"].values():
        declared = source.get("source_meta") or {}
        if "coverage" in declared:
            bounds[source["source_name"]] = float(declared["coverage"]["above"])
    return bounds


_MANIFEST = warehouse.read_manifest()
BOUNDS = _coverage_bounds(_MANIFEST)
_STATING = sorted({each.source for each in DECLARATIONS if "stated" in each.expected})
_DRIFT = [
    *filter(None, map(drift, warehouse.read_metric_contracts(_MANIFEST).contracts)),
    announced_drift(),
    renamed_tags(),
]
SUITES = [
    *structural(signal_names(_MANIFEST)),
    *coverage(BOUNDS),
    *stated_counts(_STATING),
    driver_stack(),
    *_DRIFT,
]


def _spec(suite: Suite) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        name=suite.name,
        asset=dg.AssetKey(suite.relation.split(".")),
        description=f"{suite.clause}: {suite.bound or 'holds'}. If not: {suite.remedy}",
        blocking=suite.severity == "blocking",
    )


@dg.multi_asset_check(
    name="audit",
    specs=[_spec(suite) for suite in SUITES],
    can_subset=True,
    pool=WRITERS,
)
def audit(
    stores: dg.ResourceParam[Stores], progress: dg.ResourceParam[RunProgress]
) -> Iterator[dg.AssetCheckResult]:
    """Judge every suite in one go; what does not pass is a row of marts.breaches."""
    progress.step("audit")
    try:
        with run_lock.run_lock(stores.lock):
            suites = suites_in_use(stores)
            outcomes, is_new = _outcomes(stores, suites)
    except run_lock.LockError as error:
        raise again_later(error) from error
    by_suite: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_suite[outcome.suite].append(outcome)
    progress.done("audit", f"{len(suites)} suites" + ("" if is_new else ", judged before"))
    for suite in suites:
        yield _result(suite, by_suite[suite.name])


def _outcomes(stores: Stores, suites: list[Suite]) -> tuple[list[Outcome], bool]:
    """What the suites come to, and whether that had to be found out: the same build is judged once."""
    asked = standing.suites_state(BOUNDS, [suite.name for suite in suites])
    outcomes = kept = standing.audit_that_stands(stores.candidate, asked)
    if outcomes is None:
        outcomes = judge(stores.candidate, suites, stores.data_docs)
    with duckdb.connect(str(stores.candidate)) as connection:
        # a day later a contract may have ended, with nothing new to judge
        if settle(stores, connection, outcomes):
            standing.forget_publication(connection)
        if kept is None:
            write_breaches(connection, outcomes)
            standing.record_audit(connection, asked, outcomes)
    return outcomes, kept is None


def suites_in_use(stores: Stores) -> list[Suite]:
    """
    Coverage is asked of sources that have ever sent an export, stated counts of those that sent pages, the
    driver stack where a metric moved; of the others there is nothing to ask.
    """
    with duckdb.connect(str(stores.candidate), read_only=True) as connection:
        used = connection.execute(
            "select distinct 'coverage_' || source from marts.exports"
            " union all select distinct 'stated_counts_' || source from marts.stated_counts"
            " union all select distinct 'driver_stack' from counted.movement_parts"
            " union all select distinct 'drift_' || metric from counted.metric_drift where measured is not null"
            " union all select distinct 'announced_drift' from counted.metric_drift where announced is not null"
            " union all select distinct 'renamed_tags' from marts.renamed_tags"
        ).fetchall()
    names = {name for (name,) in used}
    asked = {"coverage", "stated counts", "driver stack", *(each.clause for each in _DRIFT)}
    return [each for each in SUITES if each.clause not in asked or each.name in names]


def _result(suite: Suite, outcomes: Iterable[Outcome]) -> dg.AssetCheckResult:
    found = list(outcomes)
    passed = all(each.passed for each in found)
    measured = all(each.is_measured for each in found)
    return dg.AssetCheckResult(
        check_name=suite.name,
        asset_key=dg.AssetKey(suite.relation.split(".")),
        passed=passed,
        severity=(
            dg.AssetCheckSeverity.ERROR
            if any(each.blocks for each in found)
            else dg.AssetCheckSeverity.WARN
        ),
        description="\n".join(each.detail for each in found[:20]),
        metadata={
            "measured": measured,
            "bound": suite.bound or "",
            "failing": sum(each.unexpected_count for each in found),
            "what to do": suite.remedy if not passed else "",
        },
    )

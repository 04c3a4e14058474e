"""The audit: suites over the candidate as asset checks, between the build and its publication."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
import duckdb

from expectations.checks import state, write_checks
from expectations.outcome import Outcome
from expectations.runner import judge
from expectations.suite import Suite
from expectations.suites import (
    announced_drift,
    clauses,
    coverage,
    driver_stack,
    renamed_tags,
    stated_counts,
    structural,
    witnesses,
)
from orchestration import build_plan, run_lock, standing, warehouse
from orchestration.assets.marts import CONTRACTS
from orchestration.assets.raw import DECLARATIONS
from orchestration.assets.resources import WRITERS, again_later
from orchestration.metrics.standing import settle
from orchestration.metrics.validation import measure
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
SUITES = [
    *structural(signal_names(_MANIFEST)),
    *coverage(BOUNDS),
    *witnesses(BOUNDS),
    *stated_counts(_STATING),
    driver_stack(),
    announced_drift(),
    renamed_tags(),
    *clauses(CONTRACTS),
]
LEAST = int(build_plan.project_variables(warehouse.PROJECT)["small_cell_below"])
OF_METRICS = {suite.name for suite in SUITES if suite.held}


def _keys(suite: Suite) -> dict[str | None, dg.AssetCheckKey]:
    """Where checks stand in Dagster: a clause with each metric held to it, all else with what is judged."""
    if suite.held:
        check = suite.clause.replace(" ", "_")
        return {
            held.metric: dg.AssetCheckKey(dg.AssetKey(["metrics", held.metric]), check)
            for held in suite.held
        }
    return {None: dg.AssetCheckKey(dg.AssetKey(suite.relation.split(".")), suite.name)}


def _specs(suite: Suite) -> Iterator[dg.AssetCheckSpec]:
    bounds = {held.metric: (held.bound, held.remedy) for held in suite.held}
    for metric, key in _keys(suite).items():
        bound, remedy = bounds[metric] if metric else (suite.bound, suite.remedy)
        yield dg.AssetCheckSpec(
            name=key.name,
            asset=key.asset_key,
            description=f"{suite.clause}: {bound or 'holds'}. If not: {remedy}",
            blocking=suite.severity == "blocking",
        )


@dg.multi_asset_check(
    name="audit",
    specs=[spec for suite in SUITES for spec in _specs(suite)],
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
    found: dict[tuple[str, str | None], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        found[outcome.suite, outcome.metric if outcome.suite in OF_METRICS else None].append(
            outcome
        )
    progress.done("audit", f"{len(suites)} suites" + ("" if is_new else ", judged before"))
    for suite in suites:
        for metric, key in _keys(suite).items():
            yield _result(key, found[suite.name, metric])


def _outcomes(stores: Stores, suites: list[Suite]) -> tuple[list[Outcome], bool]:
    """What the suites come to, and whether that had to be found out: the same build is judged once."""
    asked = standing.suites_state(BOUNDS, [suite.name for suite in suites])
    outcomes = kept = standing.audit_that_stands(stores.candidate, asked)
    if outcomes is None:
        _measure_samples(stores)
        outcomes = judge(stores.candidate, suites, stores.data_docs)
    with duckdb.connect(str(stores.candidate)) as connection:
        # a day later a contract may have ended, with nothing new to judge
        is_news = settle(stores, connection, outcomes, CONTRACTS, LEAST)
        if kept is None:
            is_news |= write_checks(connection, outcomes)
            standing.record_audit(connection, asked, outcomes)
        if is_news:
            standing.forget_publication(connection)
    return outcomes, kept is None


def _measure_samples(stores: Stores) -> None:
    """What people said of metrics stands in the ledger: it is measured when all else that is judged was built."""
    with duckdb.connect(str(stores.candidate)) as connection:
        connection.execute(f"attach '{stores.work}' as work (read_only)")
        measure(connection, CONTRACTS)


def suites_in_use(stores: Stores) -> list[Suite]:
    """
    Coverage is asked of sources that have ever sent an export, witnesses where any speaks, stated counts of
    those that sent pages, the driver stack where a metric moved; of the others there is nothing to ask.
    """
    with duckdb.connect(str(stores.candidate), read_only=True) as connection:
        used = connection.execute(
            "select distinct 'coverage_' || source from marts.exports"
            " union all select distinct 'witnesses_' || source from marts.coverage_witnesses"
            " where witness != 'stated'"
            " union all select distinct 'stated_counts_' || source from marts.stated_counts"
            " union all select distinct 'driver_stack' from counted.movement_parts"
            " union all select distinct 'announced_drift' from counted.metric_drift where announced is not null"
            " union all select distinct 'renamed_tags' from marts.renamed_tags"
        ).fetchall()
    names = {name for (name,) in used}
    asked = {
        "coverage",
        "witnesses",
        "stated counts",
        "driver stack",
        "announced drift",
        "renamed tags",
    }
    return [each for each in SUITES if each.held or each.clause not in asked or each.name in names]


def _result(key: dg.AssetCheckKey, outcomes: Sequence[Outcome]) -> dg.AssetCheckResult:
    passed = all(each.passed for each in outcomes)
    first = outcomes[0]
    return dg.AssetCheckResult(
        check_name=key.name,
        asset_key=key.asset_key,
        passed=passed,
        severity=(
            dg.AssetCheckSeverity.ERROR
            if any(each.blocks for each in outcomes)
            else dg.AssetCheckSeverity.WARN
        ),
        # Dagster knows passed and failed alone: what is neither says so before all else
        description="\n".join(
            each.detail
            if each.is_measured
            else f"Not measured, neither fine nor bad: {each.detail}"
            for each in outcomes[:20]
        ),
        metadata={
            "state": state(first),
            "measured": "not measured" if first.measured is None else first.measured,
            "bound": first.bound or "",
            "owner": first.owner or "nobody named",
            "failing": sum(each.unexpected_count for each in outcomes),
            "worst slices": "\n".join(
                f"{each.slice}: {each.detail}" for each in outcomes[:5] if each.slice
            ),
            "what to do": first.remedy if not passed else "",
        },
    )

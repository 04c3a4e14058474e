"""The audit: suites over the candidate as asset checks, between the build and its publication."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import dagster as dg
import duckdb

from expectations.checks import state, write_checks
from expectations.outcome import Outcome
from expectations.runner import judge
from expectations.suite import Suite
from orchestration import build_plan, run_lock, standing, warehouse
from orchestration.assets.marts import CONTRACTS
from orchestration.assets.raw import DECLARATIONS
from orchestration.assets.resources import WRITERS, again_later
from orchestration.judging import judging, measure_samples
from orchestration.metrics.links import links
from orchestration.metrics.standing import settle
from orchestration.progress import RunProgress
from orchestration.stores import Stores

JUDGING = judging(warehouse.read_manifest(), DECLARATIONS, CONTRACTS)
SUITES = JUDGING.suites
LEAST = int(build_plan.project_variables(warehouse.PROJECT)["small_cell_below"])
OF_METRICS = {suite.name for suite in JUDGING.of_metrics}


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
            suites = JUDGING.in_use(stores)
            outcomes, is_new = _outcomes(stores, suites)
            found = _by_check(outcomes)
            read = links(stores, found)
    except run_lock.LockError as error:
        raise again_later(error) from error
    progress.done("audit", f"{len(suites)} suites" + ("" if is_new else ", judged before"))
    for suite in suites:
        for metric, key in _keys(suite).items():
            check = suite.name, metric
            yield _result(key, found[check], read.get(check, ""))


def _by_check(outcomes: Sequence[Outcome]) -> dict[tuple[str, str | None], list[Outcome]]:
    """By suite, and by metric where a suite holds metrics: as Dagster has checks."""
    found: dict[tuple[str, str | None], list[Outcome]] = defaultdict(list)
    for each in outcomes:
        found[each.suite, each.metric if each.suite in OF_METRICS else None].append(each)
    return found


def _outcomes(stores: Stores, suites: list[Suite]) -> tuple[list[Outcome], bool]:
    """What the suites come to, and whether that had to be found out: the same build is judged once."""
    asked = standing.suites_state(JUDGING.bounds, [suite.name for suite in suites])
    outcomes = kept = standing.audit_that_stands(stores.candidate, asked)
    if outcomes is None:
        measure_samples(stores, CONTRACTS)
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


def _result(
    key: dg.AssetCheckKey, outcomes: Sequence[Outcome], read_first: str
) -> dg.AssetCheckResult:
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
            "declared in": first.file or "",
            "failing": sum(each.unexpected_count for each in outcomes),
            "worst slices": "\n".join(
                f"{each.slice}: {each.detail}" for each in outcomes[:5] if each.slice
            ),
            "what to do": first.remedy if not passed else "",
            "read first": dg.MetadataValue.md(read_first),
        },
    )

"""Coverage of metrics: of the conversations expected in the last complete period, how many were loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.contract import Contract
from contracts.data import LAUNCH_COVERAGE
from expectations.suite import Row, Suite
from expectations.suites.of_metrics import expectations, held, of_metrics, promised

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

RELATION = "counted.metric_counts"

MEASUREMENT = """\
select
    promised.metric,
    promised.version,
    last.period_start::date as period_start,
    null::varchar as slice_kind,
    'all' as slice,
    last.coverage as measured,
    promised.bound,
    last.expected,
    last.loaded

from {promised}
left join (
    -- the last complete one that concerns any day, be nothing of it counted
    select *
    from {relation}
    where dimension = 'all' and is_complete and days > 0
    qualify period_start = max(period_start) over (partition by metric)
) as last
    on promised.metric = last.metric and promised.version = last.version
order by measured
"""

REMEDY = (
    "Ask the owner of its source for what is missing, load it, and run again; where nothing is stated, put the "
    "counts to expect beside the exports (expected.csv)."
)


def metric_coverage(contracts: Sequence[Contract]) -> Suite:
    """More than the contract's share of what was expected is loaded, and no more than all; equal fails."""
    bounds = {each.metric: _above(each) for each in contracts}
    rows = [(each.metric, each.version, bounds[each.metric]) for each in contracts]
    suite = of_metrics(
        "coverage",
        [
            held(each, f"above {bounds[each.metric]:g}, at most 1", bounds[each.metric], REMEDY)
            for each in contracts
        ],
        "above",
        ("expected", "loaded"),
        relation=RELATION,
        measurement=MEASUREMENT.format(
            promised=promised("metric, version, bound", rows), relation=RELATION
        ),
        when_silent="no complete period has been counted",
        tell=_sentence,
    )
    return replace(suite, expectations=lambda: [*expectations("coverage", "above"), _at_most_all()])


def _above(contract: Contract) -> float:
    return contract.data.coverage.above if contract.data else LAUNCH_COVERAGE


def _at_most_all() -> Expectation:
    from great_expectations import expectations as gxe

    return gxe.ExpectColumnValuesToBeBetween(
        column="measured", max_value=1, description="no more arrived than was expected"
    )


def _sentence(row: Row) -> str:
    if row["period_start"] is None:
        return "no complete period has been counted"
    if row["measured"] is None:
        return "coverage of the last complete period is not measured"
    if row["measured"] > 1:
        return f"more conversations than expected arrived: coverage {row['measured']:.2%}"
    holds = "above" if row["measured"] > row["bound"] else "not above"
    return (
        f"coverage of the last complete period is {row['measured']:.2%}, {holds} {row['bound']:.2%}"
    )

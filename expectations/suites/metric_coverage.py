"""Coverage of metrics: of the conversations expected in the last complete period, how many were loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.contract import Contract
from contracts.data import LAUNCH_COVERAGE, LEAST_OF_SLICE
from expectations.suite import Row, Suite
from expectations.suites.of_metrics import expectations, held, of_metrics, promised

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

RELATION = "counted.metric_counts"

SLICES = 3
"""Slices told of a metric that are missing altogether."""

_LAST = f"""
        select *
        from {RELATION}
        where dimension = 'all' and is_complete and days > 0
        qualify period_start = max(period_start) over (partition by metric)"""
"""The last complete period that concerns any day, be nothing of it counted."""

MEASUREMENT = """\
select
    promised.metric,
    promised.version,
    found.period_start::date as period_start,
    found.slice_kind,
    found.slice,
    found.coverage as measured,
    promised.bound,
    found.expected,
    found.loaded,
    found.day

from {promised}
left join (
    select
        metric,
        version,
        period_start,
        null::varchar as source,
        null::date as day,
        null::varchar as slice_kind,
        'all' as slice,
        expected,
        loaded,
        coverage
    from ({last}
    )
    union all
    -- a slice of which nothing came is missing, however good the total is
    select
        last.metric,
        last.version,
        last.period_start,
        judged.source,
        judged.period_start as day,
        if(judged.slice_kind = '', judged.period_kind, judged.slice_kind) as slice_kind,
        if(judged.slice = '', judged.period_start::varchar, judged.slice) as slice,
        judged.expected,
        judged.loaded,
        0 as coverage
    from ({last}
    ) as last
    inner join marts.coverage_judged as judged
        on judged.period_start >= last.period_start::date and judged.period_start < last.period_end::date
    where judged.loaded = 0 and judged.expected > 0
) as found
    on promised.metric = found.metric
        and promised.version = found.version
        and (
            found.source is null
            or (
                list_contains(string_split(promised.systems, ','), found.source)
                and found.expected >= promised.least
            )
        )
qualify row_number() over (
    partition by promised.metric
    order by
        found.source is not null,
        found.expected desc,
        found.slice
) <= 1 + {slices}
order by
    measured,
    found.slice_kind is not null,
    found.expected desc
"""

REMEDY = (
    "Ask the owner of its source for what is missing, load it, and run again; where nothing is stated, put the "
    "counts to expect beside the exports (expected.csv)."
)


def metric_coverage(contracts: Sequence[Contract]) -> Suite:
    """
    More than the contract's share of what was expected is loaded, and no more than all; equal fails. A slice of
    which nothing came fails although the total holds, if enough was expected of it.
    """
    bounds = {each.metric: _above(each) for each in contracts}
    rows = [
        (each.metric, each.version, bounds[each.metric], _least(each), ",".join(_systems(each)))
        for each in contracts
    ]
    suite = of_metrics(
        "coverage",
        [
            held(
                each,
                f"above {bounds[each.metric]:g}, at most 1, no slice missing",
                bounds[each.metric],
                REMEDY,
            )
            for each in contracts
        ],
        "above",
        ("expected", "loaded", "day"),
        relation=RELATION,
        measurement=MEASUREMENT.format(
            promised=promised("metric, version, bound, least, systems", rows),
            last=_LAST,
            slices=SLICES,
        ),
        when_silent="no complete period has been counted",
        tell=_sentence,
    )
    return replace(suite, expectations=lambda: [*expectations("coverage", "above"), _at_most_all()])


def _above(contract: Contract) -> float:
    return contract.data.coverage.above if contract.data else LAUNCH_COVERAGE


def _least(contract: Contract) -> int:
    return contract.data.coverage.least_of_slice if contract.data else LEAST_OF_SLICE


def _systems(contract: Contract) -> Sequence[str]:
    return contract.data.systems if contract.data else ()


def _at_most_all() -> Expectation:
    from great_expectations import expectations as gxe

    return gxe.ExpectColumnValuesToBeBetween(
        column="measured", max_value=1, description="no more arrived than was expected"
    )


def _sentence(row: Row) -> str:
    if row["period_start"] is None:
        return "no complete period has been counted"
    if row["slice_kind"] in ("day", "week"):
        return f"nothing came of the {row['slice_kind']} {row['slice']}, of {row['expected']:,.0f} expected"
    if row["slice_kind"]:
        slice_ = f"{row['slice_kind']} {row['slice']} from {str(row['day'])[:10]}"
        return f"nothing came of {slice_}, of {row['expected']:,.0f} expected"
    if row["measured"] is None:
        return "coverage of the last complete period is not measured"
    if row["measured"] > 1:
        return f"more conversations than expected arrived: coverage {row['measured']:.2%}"
    holds = "above" if row["measured"] > row["bound"] else "not above"
    return (
        f"coverage of the last complete period is {row['measured']:.2%}, {holds} {row['bound']:.2%}"
    )

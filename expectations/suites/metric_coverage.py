"""Coverage of metrics: of the conversations expected in the last complete period, how many were loaded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from contracts.contract import Contract
from contracts.data import LAUNCH_COVERAGE, LEAST_OF_SLICE
from expectations.suite import Row, Suite
from expectations.suites.of_metrics import held, of_metrics, promised

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

RELATION = "counted.metric_counts"

SLICES = 2
"""Slices of a kind told of a metric: those that are missing altogether, or of which too many came."""

_LAST = f"""
        select
            *,
            -- of none expected there is no share: whatever was loaded is too much
            case when expected = 0 and days = days_measured then surplus end as loaded_of_none,
            coverage > 1 or coalesce(loaded_of_none, 0) > 0 as is_over
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
    coalesce(found.coverage, found.loaded_of_none) as measured,
    promised.bound,
    found.expected,
    found.loaded,
    found.day,
    found.loaded_of_none,
    found.at_most

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
        coalesce(loaded_of_none, loaded) as loaded,
        coverage,
        loaded_of_none,
        coverage as total,
        null::double as at_most,
        is_over,
        true as is_of_period
    from ({last}
    )
    union all
    select
        last.metric,
        last.version,
        last.period_start,
        slices.source,
        slices.day,
        slices.slice_kind,
        slices.slice,
        slices.expected,
        slices.loaded,
        slices.coverage,
        case when slices.expected = 0 then slices.loaded end as loaded_of_none,
        last.coverage as total,
        slices.at_most,
        last.is_over,
        slices.day + slices.days > last.period_start::date as is_of_period
    from ({last}
    ) as last
    inner join (
        select
            source, day, 1 as days, 'day' as slice_kind, day::varchar as slice, expected, loaded, coverage,
            null as at_most
        from marts.coverage
        where slice_kind = '' and expected + loaded > 0
        union all
        -- of few conversations a day a slice is judged by the week
        select
            source, period_start as day, if(period_kind = 'week', 7, 1) as days, slice_kind, slice, expected,
            loaded, coverage, null as at_most
        from marts.coverage_judged
        where slice_kind != '' and expected + loaded > 0
        union all
        -- of a slice that nobody states, its past tells that it is missing
        select
            source, period_start as day, if(period_kind = 'week', 7, 1) as days, slice_kind, slice,
            any_value(expected_low) as expected, 0 as loaded, 0.0 as coverage, any_value(expected_high) as at_most
        from marts.coverage_witnesses
        where slice_kind != '' and loaded = 0
        group by source, period_start, period_kind, slice_kind, slice
        having bool_and(witness = 'history')
    ) as slices
        on slices.day < last.period_end::date
            -- what is counted in a period may have been opened long before it
            and slices.day + slices.days > least(last.period_start::date, last.first_day)
) as found
    on promised.metric = found.metric
        and promised.version = found.version
        and (
            found.source is null
            or (
                list_contains(string_split(promised.systems, ','), found.source)
                and (
                    -- a slice of which nothing came is missing, however good the total is
                    (found.loaded = 0 and found.expected >= promised.least and found.is_of_period)
                    -- and where the total is too low or too high, of which it is so
                    or (found.total <= promised.bound and found.coverage <= promised.bound)
                    or (found.is_over and (found.coverage > 1 or found.loaded_of_none > 0))
                )
            )
        )
qualify row_number() over (
    partition by promised.metric, found.slice_kind
    order by
        abs(found.loaded - found.expected) desc,
        found.slice
) <= {slices}
order by
    found.slice_kind is not null,
    measured,
    found.expected desc
"""

REMEDY = (
    "Ask the owner of its source for what is missing, load it, and run again; where nothing is stated, put the "
    "counts to expect beside the exports (expected.csv): 0 for a queue that was closed."
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
    return of_metrics(
        "coverage",
        [
            held(
                each,
                f"above {bounds[each.metric]:g}, at most 1, no slice of {_least(each)} or more missing",
                bounds[each.metric],
                REMEDY,
            )
            for each in contracts
        ],
        "above",
        ("expected", "loaded", "day", "loaded_of_none", "at_most"),
        also=[_at_most_all, _none_of_none],
        relation=RELATION,
        measurement=MEASUREMENT.format(
            promised=promised("metric, version, bound, least, systems", rows),
            last=_LAST,
            slices=SLICES,
        ),
        when_silent="no complete period has been counted",
        tell=_sentence,
    )


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


def _none_of_none() -> Expectation:
    from great_expectations import expectations as gxe

    return gxe.ExpectColumnValuesToBeBetween(
        column="loaded_of_none",
        max_value=0,
        description="nothing was loaded where none were expected",
    )


def _sentence(row: Row) -> str:
    if row["period_start"] is None:
        return "no complete period has been counted"
    if kind := row["slice_kind"]:
        since = "" if kind == "day" else f" from {str(row['day'])[:10]}"
        if not row["expected"]:
            return f"of {kind} {row['slice']}{since} came {row['loaded']:,.0f} where none were expected"
        if not row["loaded"]:
            said = f"of {row['expected']:,.0f} expected"
            if row["at_most"] is not None:
                said = f"where its past lets expect {row['expected']:,.0f} to {row['at_most']:,.0f}"
            return f"nothing came of {kind} {row['slice']}{since}, {said}"
        return f"of {kind} {row['slice']}{since} came {row['loaded']:,.0f}, of {row['expected']:,.0f} expected"
    if row["measured"] is None:
        return "coverage of the last complete period is not measured"
    if not row["expected"] and row["loaded"]:
        return f"{row['loaded']:,.0f} conversations loaded where none were expected in the last complete period"
    # rounded down as everywhere: 99.997 % must not read as all of it
    measured = f"{math.floor(row['measured'] * 10_000) / 100:.2f}%"
    if row["measured"] > 1:
        return f"more conversations than expected arrived: coverage {measured}"
    holds = "above" if row["measured"] > row["bound"] else "not above"
    return f"coverage of the last complete period is {measured}, {holds} {row['bound']:.2%}"

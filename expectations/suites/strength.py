"""Strength: the checks of a contract that demands it have noticed enough of the harms planted to prove them."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.contract import Contract
from expectations.suite import Row, Suite
from expectations.suites.of_metrics import held, of_metrics, promised

RELATION = "marts.metric_strengths"

MEASUREMENT = """\
select
    promised.metric,
    promised.version,
    null::date as period_start,
    null::varchar as slice_kind,
    'all' as slice,
    if(sum(found.planted) >= promised.least, sum(found.noticed) / sum(found.planted), null)::double as measured,
    promised.bound,
    promised.least,
    sum(found.planted)::bigint as planted,
    sum(found.noticed)::bigint as noticed,
    string_agg(found.kind, ', ' order by found.kind) filter (
        where found.noticed < found.planted
    ) as missed

from {promised}
left join {relation} as found
    on promised.metric = found.metric and promised.version = found.version
group by promised.metric, promised.version, promised.bound, promised.least
order by
    measured nulls first,
    promised.metric
"""


def strength(contracts: Sequence[Contract]) -> Suite:
    """
    Of the harms planted last, the metric's own checks noticed at least the share that its contract demands.

    Where fewer were planted into a version than its contract asks for, nothing is measured and nothing launched.
    """
    demands = {each.metric: each.strength for each in contracts if each.strength}
    demanding = [each for each in contracts if each.metric in demands]
    rows = [
        (each.metric, each.version, demands[each.metric].noticed, demands[each.metric].planted)
        for each in demanding
    ]
    return of_metrics(
        "strength",
        [
            held(
                each,
                f"at least {demands[each.metric].noticed:g} of {demands[each.metric].planted} harms noticed",
                demands[each.metric].noticed,
                f"Bind what survives in its contract, and plant again: assay mutate {each.metric}",
            )
            for each in demanding
        ],
        "at least",
        ("planted", "noticed", "missed", "least"),
        relation=RELATION,
        measurement=MEASUREMENT.format(
            promised=promised("metric, version, bound, least", rows), relation=RELATION
        ),
        when_silent="no harm was planted into this version",
        tell=_sentence,
    )


def _sentence(row: Row) -> str:
    if not row["planted"]:
        return "no harm was planted into this version"
    if row["measured"] is None:
        return (
            f"only {row['planted']:,.0f} harms were planted, and {row['least']:,.0f} are asked for"
        )
    missed = f"; some survived of {row['missed']}" if row["missed"] else ""
    return f"{row['noticed']:,.0f} of {row['planted']:,.0f} planted harms noticed by its own checks{missed}"

"""Evidence of metrics: under every number of the last complete period stands a quote."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.contract import Contract
from expectations.suite import Row, Suite
from expectations.suites.of_metrics import held, of_metrics, promised

RELATION = "marts.metric_evidence"

QUOTES = 1
"""Under a number nobody can look behind, the room stops trusting: one quote is the least."""

WORST = 3
"""Cells told of a metric."""

MEASUREMENT = """\
select
    promised.metric,
    promised.version,
    cells.period_start::date as period_start,
    cells.dimension as slice_kind,
    cells.member as slice,
    cells.quotes as measured,
    promised.bound,
    cells.conversations

from {promised}
left join (
    select
        shown.metric,
        shown.version,
        shown.period_start,
        shown.dimension,
        shown.member,
        shown.conversations,
        count(evidence.conversation_id) filter (trim(evidence.quote) != '') as quotes
    from (
        select *
        from counted.metric_counts
        where is_complete and conversations > 0
        qualify period_start = max(period_start) over (partition by metric)
    ) as shown
    left join {relation} as evidence
        on shown.metric = evidence.metric
            and shown.version = evidence.version
            and shown.period_start = evidence.period_start
            and shown.dimension = evidence.dimension
            and shown.member = evidence.member
    group by
        shown.metric,
        shown.version,
        shown.period_start,
        shown.dimension,
        shown.member,
        shown.conversations
    qualify row_number() over (
        partition by shown.metric
        order by
            quotes,
            shown.conversations desc,
            shown.dimension,
            shown.member
    ) <= {worst}
) as cells
    on promised.metric = cells.metric and promised.version = cells.version
order by
    measured,
    cells.conversations desc
"""


def evidence(contracts: Sequence[Contract]) -> Suite:
    """Every cell of the last complete period has a quote that is not blank."""
    remedy = (
        "Look at the named conversations: without a word of the customer's, nothing can be quoted."
    )
    rows = [(each.metric, each.version, QUOTES) for each in contracts]
    return of_metrics(
        "evidence",
        [held(each, "a quote under every number", float(QUOTES), remedy) for each in contracts],
        "at least",
        ("conversations",),
        relation=RELATION,
        measurement=MEASUREMENT.format(
            promised=promised("metric, version, bound", rows), relation=RELATION, worst=WORST
        ),
        when_silent="no complete period has been counted, so there is no number to show evidence of",
        may_be_empty=True,
        tell=_sentence,
    )


def _sentence(row: Row) -> str:
    if row["measured"] is None:
        return "no complete period has been counted, so there is no number to show evidence of"
    cell = f"{row['slice_kind']} {row['slice']}, period from {row['period_start'][:10]}"
    if row["measured"] < row["bound"]:
        return (
            f"{cell}: no quote stands under a number of {row['conversations']:,.0f} conversations"
        )
    since = row["period_start"][:10]
    return f"{row['measured']:,.0f} or more quotes under every number of the period from {since}"

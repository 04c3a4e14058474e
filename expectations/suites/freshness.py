"""Freshness of metrics: how late the next period is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from contracts.contract import Contract
from contracts.data import GRACE_HOURS, LATE_HOURS
from contracts.status import STALE
from expectations.suite import Row, Suite
from expectations.suites.of_metrics import held, of_metrics, promised

RELATION = "counted.metric_counts"

MEASUREMENT = """\
select
    promised.metric,
    promised.version,
    last.period_start::date as period_start,
    null::varchar as slice_kind,
    'all' as slice,
    -- hours since the period after the last complete one has ended
    case
        when last.ended_at is not null
            then greatest(0, date_diff('hour', last.ended_at + ('1 ' || last.cadence)::interval, {now}))
    end as measured,
    promised.bound,
    last.cadence,
    last.period_end::date as ended_on

from {promised}
left join (
    select *
    from {relation}
    where dimension = 'all' and is_complete
    qualify period_start = max(period_start) over (partition by metric)
) as last
    on promised.metric = last.metric and promised.version = last.version
order by measured desc
"""

REMEDY = "Load the exports since then, and run again; a source that has ended retires its metrics."


def freshness(contracts: Sequence[Contract], now: datetime | None = None) -> Suite:
    """
    The period after the last complete one is not overdue: its grace and what it may be late are not over.

    `now` is when that is asked, where it is not when the suite is run.
    """
    hours = {each.metric: _allowed(each) for each in contracts}
    rows = [(each.metric, each.version, hours[each.metric]) for each in contracts]
    return of_metrics(
        "freshness",
        [
            held(
                each,
                f"the next period at most {hours[each.metric]} hours after its end",
                float(hours[each.metric]),
                REMEDY,
            )
            for each in contracts
        ],
        "at most",
        ("cadence", "ended_on"),
        relation=RELATION,
        measurement=MEASUREMENT.format(
            promised=promised("metric, version, bound", rows),
            relation=RELATION,
            now=f"timestamptz '{now:%Y-%m-%d %H:%M:%S%z}'" if now else "now()",
        ),
        when_silent="no complete period has been counted, so none can be overdue",
        may_be_empty=True,
        tell=_sentence,
    )


def _allowed(contract: Contract) -> int:
    data = contract.data
    return data.grace_hours + data.late_hours if data else GRACE_HOURS + LATE_HOURS


def _sentence(row: Row) -> str:
    if row["measured"] is None:
        return "no complete period has been counted, so none can be overdue"
    last = f"its last complete {row['cadence']} ended on {row['ended_on'][:10]}"
    if row["measured"] > row["bound"]:
        return f"{STALE}{last}, and the one after it is {row['measured'] / 24:,.0f} days overdue"
    return last

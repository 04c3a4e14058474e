"""Freshness of metrics: how late the next period is, and which of its systems it waits for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.contract import Contract
from contracts.data import GRACE_HOURS, LATE_HOURS
from contracts.status import STALE
from expectations.suite import Row, Suite
from expectations.suites.of_metrics import held, of_metrics, promised

RELATION = "counted.metric_counts"

LONGEST = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=31),
    "quarter": timedelta(days=92),
}
"""Periods at their longest, for who knows windows and no calendar. What is measured here goes by the calendar."""

MEASUREMENT = """\
select
    metric,
    version,
    period_start,
    case when is_waited_for then 'system' end as slice_kind,
    case when is_waited_for then oldest else 'all' end as slice,
    -- hours since the first period has ended that a system it declares does not fill
    case when due_at is not null then greatest(0, date_diff('hour', due_at, {now})) end as measured,
    bound,
    cadence,
    ended_on,
    timezone('UTC', oldest_until)::date as oldest_until

from (
    select *, coalesce(oldest_until < due_at + to_hours(grace_hours), false) as is_waited_for
    from (
        select
            promised.metric,
            promised.version,
            any_value(promised.bound) as bound,
            any_value(promised.grace_hours)::bigint as grace_hours,
            any_value(periods.cadence) as cadence,
            max(periods.period_start)::date as period_start,
            coalesce(
                min(periods.ended_at) filter (sources.is_behind),
                max(periods.ended_at) + ('1 ' || any_value(periods.cadence))::interval
            ) as due_at,
            coalesce(
                min(periods.period_start) filter (sources.is_behind), max(periods.period_end)
            )::date as ended_on,
            arg_min(sources.source, sources.loaded_until) as oldest,
            min(sources.loaded_until) as oldest_until
        from {promised}
        left join {relation} as periods
            on promised.metric = periods.metric
                and promised.version = periods.version
                and periods.dimension = 'all'
                and periods.is_complete
        -- those its contract declares, and those every period waits for
        left join lateral (
            select
                source,
                loaded_until,
                source = promised.system
                and loaded_until < periods.ended_at + to_hours(promised.grace_hours::bigint) as is_behind
            from marts.source_freshness
            where source = promised.system or (told_by = 'conversations' and not has_ended)
        ) as sources on true
        group by promised.metric, promised.version
    ) as systems
) as judged
order by measured desc
"""

REMEDY = (
    "Load the exports since then, and run again; a system that has ended leaves the contract, or retires its "
    "metrics."
)

NOT_COUNTED = "no complete period has been counted, so none can be overdue"


def allowed_hours(contract: Contract) -> int:
    """Hours after its end until a missing period makes the metric stale: its grace, and what it may be late."""
    data = contract.data
    return data.grace_hours + data.late_hours if data else GRACE_HOURS + LATE_HOURS


def window(contract: Contract) -> timedelta | None:
    """From one period's data to the next at most; None where a contract does not say how often it is reported."""
    if not contract.definition:
        return None
    return LONGEST[contract.definition.cadence] + timedelta(hours=allowed_hours(contract))


def freshness(contracts: Sequence[Contract], now: datetime | None = None) -> Suite:
    """
    The first period that lacks one of the contract's systems is not overdue: its grace and what it may be late
    are not over. The oldest of its systems counts, whatever the others tell.

    `now` is when that is asked, where it is not when the suite is run.
    """
    hours = {each.metric: allowed_hours(each) for each in contracts}
    rows = [
        (
            each.metric,
            each.version,
            hours[each.metric],
            each.data.grace_hours if each.data else GRACE_HOURS,
            system,
        )
        for each in contracts
        for system in (each.data.systems if each.data else ("",))
    ]
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
        ("cadence", "ended_on", "oldest_until"),
        relation=RELATION,
        measurement=MEASUREMENT.format(
            promised=promised("metric, version, bound, grace_hours, system", rows),
            relation=RELATION,
            now=f"timestamptz '{now:%Y-%m-%d %H:%M:%S%z}'" if now else "now()",
        ),
        when_silent=NOT_COUNTED,
        may_be_empty=True,
        tell=_sentence,
    )


def _sentence(row: Row) -> str:
    if row["measured"] is None:
        return NOT_COUNTED
    last = f"its last complete {row['cadence']} ended on {row['ended_on'][:10]}"
    if row["measured"] <= row["bound"]:
        return last
    overdue = f"{STALE}{last}, and the one after it is {row['measured'] / 24:,.0f} days overdue"
    if row["slice_kind"]:
        return f"{overdue}: {row['slice']} tells nothing after {row['oldest_until'][:10]}"
    return overdue

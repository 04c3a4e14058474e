"""Triage: a metric past its threshold for as many periods as its contract says is somebody's to look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import duckdb

from expectations.described import describe, is_there
from orchestration.ledger import TRIAGE_CASES, TRIAGE_ENDS, Ledger
from orchestration.rows import Row, append, renew, told

TABLE = "counted.triage_cases"

MEANINGS: Mapping[str, str] = {
    "triage_id": "Metric and the period that opened the case.",
    "metric": "Metric that is past its threshold.",
    "version": "Version of its definition.",
    "since": "Start of the first period of those in a row that are past it.",
    "period_start": "Start of the period that opened the case.",
    "threshold": "The value it is past.",
    "direction": "Which side of it counts as wrong: above or below.",
    "measured": "The value of the period that opened the case.",
    "opened_at": "When the case was opened: with the build that told of it first.",
    "due_at": "When somebody must have it, by the contract.",
    "owner": "Team that answers for the metric.",
    "owner_email": "Where it is written to.",
    "actions": "What the contract says is done then.",
    "closed_at": "When somebody closed it; null while it is open.",
    "closed_by": "Who closed it.",
    "closed_because": "Why, in their words.",
}

_COLUMNS = [" ".join(each.split()) for each in f"{TRIAGE_CASES}, {TRIAGE_ENDS}".split(",")]

_VIEW = f"""
create or replace view marts.triage as
select
    *,
    case
        when closed_at is not null then 'closed'
        when now() > due_at then 'overdue'
        else 'open'
    end as state
from {TABLE}
"""

_CURRENT = """
with

promised as (

    select
        metric,
        version,
        value_kind,
        owner,
        owner_email,
        (contract::json ->> '$.escalation.threshold')::double as threshold,
        contract::json ->> '$.escalation.direction' as direction,
        (contract::json ->> '$.escalation.periods')::bigint as periods,
        (contract::json ->> '$.escalation.hours')::double as hours,
        coalesce((contract::json -> '$.actions')::varchar[], []) as actions
    from marts.metric_contracts
    where status in ('active', 'provisional')

),

judged as (

    select
        promised.*,
        counts.period_start,
        counts.value,
        -- of few conversations a share says nothing, neither that it is past nor that it is not
        (promised.value_kind = 'count' or counts.conversations >= $least)
        and if(direction = 'above', value > threshold, value < threshold) as is_past,
        lag(counts.period_end) over metrics is distinct from counts.period_start as is_after_a_gap
    from promised
    inner join counted.metric_counts as counts
        on promised.metric = counts.metric and promised.version = counts.version
    where counts.dimension = 'all' and counts.is_complete
    window metrics as (partition by promised.metric order by counts.period_start)

),

streaks as (

    select
        *,
        count(*) filter (where is_past is not true or is_after_a_gap) over (
            partition by metric
            order by period_start
        ) as streak
    from judged

)

select
    metric,
    any_value(version) as version,
    any_value(owner) as owner,
    any_value(owner_email) as owner_email,
    any_value(threshold) as threshold,
    any_value(direction) as direction,
    any_value(hours) as hours,
    any_value(actions) as actions,
    min(period_start) as since,
    max(period_start) as until,
    list(period_start order by period_start)[any_value(periods)] as period_start,
    list(value order by period_start)[any_value(periods)] as measured
from streaks
where is_past
group by metric, streak
having count(*) >= any_value(periods)
    and max(period_start) = (
        select max(last.period_start) from judged as last where last.metric = streaks.metric
    )
order by metric
"""
"""Metrics that are past their threshold now, for as many periods without a gap as their contract says."""

_CASES = """
select cases.*, ends.closed_at, ends.closed_by, ends.closed_because
from triage_cases as cases
left join triage_ends as ends
    on cases.triage_id = ends.triage_id
order by cases.opened_at, cases.triage_id
"""


def open_cases(
    candidate: duckdb.DuckDBPyConnection, ledger: Ledger, least: int, is_published: bool
) -> bool:
    """
    Open a case for each metric past its threshold that has none, and write `marts.triage`; False where nothing is
    new.

    `least` is the number of conversations below which a period tells nothing. One period alone opens nothing; a
    gap or a recovery begins anew; what is not published opens nothing. A case stands for its streak: while that
    lasts, closed or not, no other is opened.
    """
    now = datetime.now(UTC)
    known = told(ledger.connection, _CASES)
    new = [
        _case(row, now)
        for row in told(candidate, _CURRENT, {"least": least})
        if is_published and not any(_stands_for(case, row) for case in known)
    ]
    append(ledger.connection, "triage_cases", new)
    return _write(candidate, told(ledger.connection, _CASES))


def _stands_for(case: Row, row: Row) -> bool:
    if case["metric"] != row["metric"]:
        return False
    return case["closed_at"] is None or row["since"] <= case["period_start"] <= row["until"]


def _case(row: Row, now: datetime) -> tuple[object, ...]:
    return (
        f"{row['metric']}/{row['period_start']:%Y-%m-%dT%H}",
        row["metric"],
        row["version"],
        row["since"],
        row["period_start"],
        row["threshold"],
        row["direction"],
        row["measured"],
        now,
        now + timedelta(hours=row["hours"]),
        row["owner"],
        row["owner_email"],
        row["actions"],
    )


def _write(candidate: duckdb.DuckDBPyConnection, cases: list[Row]) -> bool:
    meanings = dict(zip(_COLUMNS, MEANINGS.values(), strict=True))
    rows = [tuple(case[name] for name in MEANINGS) for case in cases]
    is_news = renew(candidate, TABLE, "Grain: case, with what came of it.", meanings, rows)
    if is_news or not is_there(candidate, "view", "marts.triage"):
        candidate.execute(_VIEW)
        grain = "Grain: case. Metrics past their threshold, and whose they are to look at."
        states = {"state": "open, overdue (nobody closed it in time) or closed."}
        describe(candidate, "view", "marts.triage", grain, {**MEANINGS, **states})
    return is_news

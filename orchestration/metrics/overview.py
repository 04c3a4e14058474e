"""Every metric on one line: its last complete value, how it moved, and how it stands."""

from __future__ import annotations

import duckdb

from expectations.described import is_there
from orchestration.rows import Row, told

_OVERVIEW = """
with complete as (
    select
        *,
        lag(value) over (partition by metric, version order by period_start) as value_before,
        period_end + ('1 ' || cadence)::interval as next_ends_on
    from marts.metric_values
    where dimension = 'all' and is_complete
),
last as (
    from complete
    where value is not null
    qualify row_number() over (partition by metric, version order by period_start desc) = 1
)
select
    contracts.metric,
    contracts.version,
    contracts.title,
    coalesce(last.status, contracts.status) as status,
    coalesce(last.status_reasons, contracts.status_reasons) as status_reasons,
    contracts.value_kind,
    contracts.unit,
    contracts.direction,
    contracts.cadence,
    last.period_start::date as period_start,
    last.value,
    last.value_corrected,
    last.value_low,
    last.value_high,
    last.value - last.value_before as change,
    last.conversations,
    last.is_small,
    last.coverage,
    contracts.validation,
    contracts.is_validated,
    contracts.is_simulated,
    contracts.labels,
    contracts.owner,
    contracts.owner_email,
    contracts.published_at,
    last.next_ends_on::date as next_review_on
from marts.metric_contracts as contracts
left join last
    on contracts.metric = last.metric and contracts.version = last.version
order by
    list_position(['active', 'provisional', 'withheld', 'draft', 'retired'], contracts.status),
    contracts.metric
"""


def read_overview(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """One row per metric and version, those that may be shown first; none in a build older than metrics."""
    is_counted = is_there(connection, "view", "marts.metric_values")
    return told(connection, _OVERVIEW) if is_counted else []

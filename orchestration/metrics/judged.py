"""What the audit found, as readers ask for it."""

from __future__ import annotations

import duckdb

from expectations.described import is_there
from orchestration.rows import Row, told

_CHECKS = """
select
    suite,
    metric,
    version,
    clause,
    severity,
    case when passed then 'passed' when is_measured then 'failed' else 'not measured' end as state,
    period_start,
    slice,
    measured,
    bound,
    expected,
    detail,
    owner,
    remedy,
    file,
    row_number() over (partition by suite, metric order by no) as place
from (
    select *, rowid as no from marts.checks
    -- a build that an earlier version published has none
    union all by name
    select null::varchar as file where false
)
where $metric is null or metric = $metric
order by metric is not null, metric, suite, place
"""


def read_checks(connection: duckdb.DuckDBPyConnection, metric: str | None) -> list[Row]:
    """
    Every check of a published build, or those of a metric: of what nothing is published without first, then metric
    by metric. `place` counts the failing slices of a check, the worst first. None in a build older than checks.
    """
    is_judged = is_there(connection, "table", "marts.checks")
    return told(connection, _CHECKS, {"metric": metric}) if is_judged else []


def metrics_judged(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The metrics that have a contract in a published build."""
    rows = told(connection, "select metric from marts.metric_contracts order by metric")
    return [row["metric"] for row in rows]

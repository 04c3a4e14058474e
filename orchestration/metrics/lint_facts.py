"""What lints may know beside the contracts: members, states and volumes the published marts hold of a metric."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

from contracts.contract import Contract
from contracts.lints import Facts
from expectations.described import is_there
from orchestration.rows import told

# of a contract edited since, the marts tell nothing yet
_OF_THESE = "inner join contracts using (metric, version)"

_MEMBERS = f"""
select metric, dimension, count(distinct member) filter (where member != 'unknown') as members
from marts.metric_values
{_OF_THESE}
where dimension != 'all'
group by all
"""

_STATES = f"""
select metric, list(distinct state) filter (where state is not null) as states
from marts.metric_membership
{_OF_THESE}
group by all
"""

_MONTHS = f"""
select metric, max(conversations) as conversations
from (
    select metric, count(distinct conversation_id) as conversations
    from marts.metric_membership
    {_OF_THESE}
    where manual_tagging
    group by metric, date_trunc('month', occurred_at)
)
group by all
"""


def read_facts(connection: duckdb.DuckDBPyConnection, contracts: Sequence[Contract]) -> Facts:
    """The facts of these contracts' metrics in their present version; none in a build older than metrics."""
    if not contracts or not is_there(connection, "view", "marts.metric_membership"):
        return Facts()
    connection.execute(
        "create temp table contracts as select unnest(?::varchar[]) as metric, "
        "unnest(?::varchar[]) as version, unnest(?::boolean[]) as manual_tagging",
        [
            *map(
                list,
                zip(
                    *((one.metric, one.version, one.manual_tagging) for one in contracts),
                    strict=True,
                ),
            )
        ],
    )
    members: dict[str, dict[str, int]] = {}
    for row in told(connection, _MEMBERS):
        members.setdefault(row["metric"], {})[row["dimension"]] = row["members"]
    return Facts(
        monthly_conversations=dict(_pairs(connection, _MONTHS)),
        states={metric: frozenset(states or ()) for metric, states in _pairs(connection, _STATES)},
        members=members,
    )


def _pairs(connection: duckdb.DuckDBPyConnection, query: str) -> Iterable[tuple[str, Any]]:
    return connection.execute(query).fetchall()

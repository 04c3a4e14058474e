"""The conversations and quotes behind a number, from the published marts alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from contracts.errors import did_you_mean
from orchestration.metrics.number import Number, NumberError, find
from orchestration.rows import Row, told

ALL = "all"

_MEMBERS = """
select member, numerator, denominator, value, value_corrected, value_low, value_high, conversations, is_small
from marts.metric_values
where metric = ? and period_start = ? and dimension = ?
order by conversations desc, member
"""

_QUOTES = """
select side, rank, conversation_id, state, driver, canonical_tag, signal, message_no, quote, url
from marts.metric_evidence
where metric = ? and period_start = ? and dimension = ? and member = ?
order by side = 'against', rank
"""

# kept, for the view may work its units out anew at every look
_UNITS = """
create temp table units as
select conversation_id, state, driver, canonical_tag, segment, {counted} as is_counted
from {relation}
where occurred_at >= $started_at and occurred_at < $ended_at {within}
"""

_CONVERSATIONS = """
select
    units.is_counted,
    units.conversation_id,
    conversations.opened_on,
    units.state,
    units.driver,
    units.canonical_tag,
    units.segment,
    conversations.subject,
    conversations.url
from (
    from units
    where is_counted = $side
    qualify row_number() over (partition by conversation_id order by state) = 1
    order by conversation_id
    {limit}
) as units
inner join marts.fct_conversations as conversations using (conversation_id)
order by units.conversation_id
"""

_COUNTS = """
select
    count(distinct conversation_id) filter (is_counted) as counted,
    count(distinct conversation_id) filter (not is_counted) as not_counted
from units
"""


@dataclass(frozen=True)
class Evidence:
    """
    What lies behind the value of one member of a dimension in one period.

    `value` is the member's row of marts.metric_values; `conversations` are those on the side asked for, as many
    as were asked for, and `counted` and `not_counted` how many there are on each. Of a number that is withheld
    neither is told, for the value is the one over both.
    """

    number: Number
    dimension: str
    member: str
    value: Row
    side: str
    quotes: list[Row]
    conversations: list[Row]
    counted: int | None
    not_counted: int | None

    def as_dict(self) -> dict[str, Any]:
        """The same facts for programs."""
        facts = asdict(self) | {"withheld": self.number.is_withheld}
        contract = facts["number"].pop("contract")
        facts["number"] |= {
            name: contract[name] for name in ("version", "title", "unit", "owner", "cadence")
        }
        # told of as it stands, and not where it is withheld
        for name in ("promise", "as_counted"):
            facts["number"].pop(name)
        return facts


def read_evidence(
    connection: duckdb.DuckDBPyConnection,
    metric: str,
    period: str,
    dimension: str = ALL,
    member: str = ALL,
    against: bool = False,
    most: int | None = None,
) -> Evidence:
    """
    The evidence of a metric in a period, for one member of a dimension, or all of it.

    Raises NumberError where there is no such number.
    """
    number = find(connection, metric, period)
    return evidence_of(connection, number, number.relation, dimension, member, against, most)


def evidence_of(
    connection: duckdb.DuckDBPyConnection,
    number: Number,
    units: str,
    dimension: str = ALL,
    member: str = ALL,
    against: bool = False,
    most: int | None = None,
) -> Evidence:
    """
    The evidence of a number that was found, its units read from the relation named.

    Raises NumberError where the number has no such member.
    """
    value = _member(connection, number, dimension, member)
    key = [number.metric, number.period["period_start"], dimension, member]
    counts: Row = {"counted": None, "not_counted": None}
    conversations: list[Row] = []
    if not number.is_withheld:
        _keep_units(connection, number, units, dimension, member)
        counts = told(connection, _COUNTS)[0]
        limit = f"limit {most}" if most is not None else ""
        conversations = told(connection, _CONVERSATIONS.format(limit=limit), {"side": not against})
    return Evidence(
        number=number,
        dimension=dimension,
        member=member,
        value=value,
        side="against" if against else "for",
        quotes=told(connection, _QUOTES, key),
        conversations=conversations,
        counted=counts["counted"],
        not_counted=counts["not_counted"],
    )


def _member(
    connection: duckdb.DuckDBPyConnection, number: Number, dimension: str, member: str
) -> Row:
    start = number.period["period_start"]
    found = {
        row["member"]: row for row in told(connection, _MEMBERS, [number.metric, start, dimension])
    }
    if member in found:
        return found[member]
    known = did_you_mean(member, found) or f" Known: {', '.join(list(found)[:10])}."
    raise NumberError(
        f"{number.metric} counts no {dimension} {member} in the period from {start:%Y-%m-%d}.{known}"
    )


def _keep_units(
    connection: duckdb.DuckDBPyConnection, number: Number, units: str, dimension: str, member: str
) -> None:
    period = number.period
    asked: dict[str, object] = {"started_at": period["started_at"], "ended_at": period["ended_at"]}
    if dimension != ALL:
        asked["member"] = member
    if "$value" in number.is_counted:
        asked["value"] = number.as_counted
    within = f"and {dimension} = $member" if dimension != ALL else ""
    connection.execute(
        _UNITS.format(counted=number.is_counted, relation=units, within=within), asked
    )

"""What a sceptic asks of a number, answered from the published marts alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from contracts.macros import macros
from orchestration.metrics.evidence import Evidence, evidence_of
from orchestration.metrics.number import Number, find
from orchestration.rows import Row, told

WORST = 3
"""Slices and tags named of each list."""

# read once, for they may be worked out anew at every look; both periods, or the one where none is before
_UNITS = """
create temp table moved_units as
select *, occurred_at >= $started_at as is_later
from {relation}
where occurred_at >= $started_at and occurred_at < $ended_at
    or occurred_at >= $previous_started_at and occurred_at < $previous_ended_at
"""

_SOURCES = """
select
    systems.source,
    count(exports.file) filter (exports.status = 'loaded') as files,
    coalesce(sum(exports.kept) filter (exports.status = 'loaded'), 0)::bigint as records,
    coalesce(sum(exports.quarantined), 0)::bigint as quarantined,
    count(exports.file) filter (exports.status = 'refused') as refused,
    max(exports.loaded_at) as loaded_at
from (select unnest($systems::varchar[]) as source) as systems
left join marts.exports as exports using (source)
group by all
order by source
"""

_COVERAGE = """
select days, days_measured, expected, loaded, surplus
from counted.metric_counts
where metric = $metric and period_start = $period_start and dimension = 'all'
"""

_WORST = f"""
select source, slice_kind, slice, period_kind, period_start, expected, loaded, coverage
from marts.coverage_judged
where list_contains($systems, source) and coverage < 1
    and period_start < $until
    and period_start + case period_kind when 'week' then 7 else 1 end > $since::date
order by coverage, expected desc, source, slice_kind, slice, period_start
limit {WORST}
"""

_COUNTED = """
with here as (
    select conversation_id, is_in_scope, exclusion_reason
    from marts.fct_conversations
    where opened_at >= $started_at and opened_at < $ended_at
)
select
    (select count(*) from moved_units where is_later) as units,
    (select count(distinct conversation_id) from moved_units where is_later) as conversations,
    (
        select count(distinct conversation_id) from moved_units
        where is_later and conversation_id not in (select here.conversation_id from here)
    ) as opened_before,
    count(*) filter (is_in_scope) as in_scope,
    count(*) filter (
        is_in_scope and conversation_id not in (select conversation_id from moved_units where is_later)
    ) as not_counted,
    count(*) filter (not is_in_scope) as out_of_scope,
    (
        select coalesce(list({'reason': exclusion_reason, 'conversations': conversations}
            order by conversations desc, exclusion_reason), [])
        from (select exclusion_reason, count(*) as conversations from here where not is_in_scope group by all)
    ) as reasons
from here
"""

# of conversations of these two periods, so that a tag that moved long ago is not told as news
_TAGS = f"""
with used as (
    select
        tags.raw_tag,
        tags.canonical_tag,
        conversations.opened_at >= $started_at as is_later,
        count(*) as conversations
    from marts.fct_conversation_tags as tags
    inner join marts.fct_conversations as conversations using (conversation_id)
    where conversations.is_in_scope and (
        conversations.opened_at >= $started_at and conversations.opened_at < $ended_at
        or conversations.opened_at >= $previous_started_at and conversations.opened_at < $previous_ended_at
    )
    group by all
),
led as (
    select
        raw_tag,
        list(distinct canonical_tag order by canonical_tag) filter (not is_later) as previous_tags,
        list(distinct canonical_tag order by canonical_tag) filter (is_later) as tags,
        coalesce(sum(conversations) filter (is_later), 0)::bigint as conversations
    from used
    group by all
)
select raw_tag, previous_tags, tags, conversations, count(*) over () as moved
from led
where previous_tags != tags
order by conversations desc, raw_tag
limit {WORST}
"""

_MIX = """
select
    ({drivers}) as driver_mix,
    ({segments}) as segment_mix,
    avg((driver = 'unmapped')::integer) filter (not is_later) as unmapped_before,
    avg((driver = 'unmapped')::integer) filter (is_later) as unmapped_share
from moved_units
"""

# against the baseline its contract names, which is longer than the period before
_DRIFT = """
select * replace (since::date as since)
from marts.drift
where metric = $metric and version = $version and period_start = $period_start and bound is not null
order by measured / bound desc nulls last, measure
"""

_WEIGHTS = """
with everybody as (
    select segment, count(*) / sum(count(*)) over () as share
    from marts.fct_conversations
    where is_in_scope and opened_at >= $started_at and opened_at < $ended_at
    group by all
),
counted as (
    select segment, count(*) / sum(count(*)) over () as share
    from moved_units where is_later
    group by all
),
-- who ever wrote: of those who never did nothing is known here
customers as (
    select segment, count(distinct customer_id) / sum(count(distinct customer_id)) over () as share
    from marts.fct_conversations
    where is_in_scope
    group by all
)
select
    segment,
    coalesce(counted.share, 0) as share,
    coalesce(everybody.share, 0) as share_of_all,
    coalesce(counted.share, 0) - coalesce(everybody.share, 0) as over,
    coalesce(customers.share, 0) as share_of_customers,
    coalesce(counted.share, 0) - coalesce(customers.share, 0) as over_customers
from counted
full join everybody using (segment)
full join customers using (segment)
order by abs(over) desc, segment
"""


@dataclass(frozen=True)
class Defence:
    """
    The answers of one number. `movement` are the parts of its change since the period before, largest first: none
    where there is no such period. `tags` are raw tags that lead elsewhere than in that period.
    """

    evidence: Evidence
    sources: list[Row]
    coverage: Row
    worst: list[Row]
    counted: Row
    tags: list[Row]
    mix: Row
    drift: list[Row]
    weights: list[Row]
    movement: list[Row]

    @property
    def number(self) -> Number:
        """The number defended."""
        return self.evidence.number

    def as_dict(self) -> dict[str, Any]:
        """The same facts for programs, with the contract's words."""
        facts = asdict(self)
        contract = self.number.contract
        return facts | {
            "evidence": self.evidence.as_dict(),
            "contract": self.number.promise,
            "validation": {
                name: contract[name]
                for name in ("validation", "is_validated", "is_simulated", "labels")
            },
        }


def read_defence(connection: duckdb.DuckDBPyConnection, metric: str, period: str) -> Defence:
    """
    Answer what is asked of a metric in a period.

    Raises NumberError where there is no such number.
    """
    number = find(connection, metric, period)
    now, before = number.period, number.previous or {"started_at": None, "ended_at": None}
    moments = {
        "started_at": now["started_at"], "ended_at": now["ended_at"],
        "previous_started_at": before["started_at"], "previous_ended_at": before["ended_at"],
    }  # fmt: skip
    this = {name: moments[name] for name in ("started_at", "ended_at")}
    systems = systems_of(number)
    days = {"systems": systems, "since": now["period_start"], "until": now["period_end"]}
    connection.execute(_UNITS.format(relation=number.relation), moments)
    evidence = evidence_of(connection, number, "moved_units", most=0)
    rules = macros("metric_movement", "population_stability")
    mix = _MIX.format(
        drivers=rules.default__population_stability("moved_units", "driver"),
        segments=rules.default__population_stability("moved_units", "segment"),
    )
    movement = rules.default__metric_movement("moved_units", number.contract["value_kind"])
    counted, mixed = told(connection, _COUNTED, this)[0], told(connection, mix)[0]
    if number.is_withheld:
        # a count is its units, and the share without a known tag is itself a metric
        counted |= dict.fromkeys(("units", "conversations", "not_counted"))
        mixed |= dict.fromkeys(("unmapped_before", "unmapped_share"))
    return Defence(
        evidence=evidence,
        sources=told(connection, _SOURCES, {"systems": systems}),
        coverage=told(
            connection, _COVERAGE, {"metric": metric, "period_start": now["period_start"]}
        )[0],
        worst=told(connection, _WORST, days),
        counted=counted,
        tags=told(connection, _TAGS, moments),
        mix=mixed,
        drift=told(connection, _DRIFT, {
            "metric": metric, "version": number.contract["version"], "period_start": now["period_start"],
        }),
        weights=told(connection, _WEIGHTS, this),
        # what is withheld is not told in parts either
        movement=[] if number.is_withheld else told(
            connection, f"from ({movement}) order by kind, abs(part) desc, driver, segment"
        ),
    )  # fmt: skip


def systems_of(number: Number) -> list[str]:
    """The sources its contract names."""
    named = number.clause("data", "system")
    return [] if named is None else [named] if isinstance(named, str) else list(named)

"""History rewritten: what a build counts otherwise than the one published before it, with nothing new to count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from contracts.contract import Contract, LabelledSample
from orchestration import moves
from orchestration.ledger import METRIC_REWRITES
from orchestration.rows import Row, told
from orchestration.stores import Stores

TABLE = "metric_rewrites"
COLUMNS = f"{METRIC_REWRITES}, is_settled boolean"
"""`raw.metric_rewrites`."""

LEAST_MOVED = 0.005
"""Of a metric's units in any dimension so many must have moved before they are compared one by one: an ordinary
day of late answers and reopenings stays below."""

FACTS = (
    "opened_at", "solved_at", "status", "reopens", "handoffs", "messages", "first_agent_reply_at", "raw_tags",
)  # fmt: skip
"""What the source says of a conversation, as marts.fct_conversations has it: where none differs, no export
changed it."""

_MOVED = f"""
    with launched as (
        select metric, version
        from published.marts.metric_contracts
        where status in ('active', 'provisional')
    ),
    complete as (
        select metric, version, period_start, conversations
        from published.counted.metric_counts
        semi join launched using (metric, version)
        where dimension = 'all' and is_complete
    ),
    before as (
        from published.counted.metric_counts semi join complete using (metric, version, period_start)
    ),
    now as (
        from candidate.counted.metric_counts semi join complete using (metric, version, period_start)
    ),
    cells as (
        select
            metric,
            dimension,
            case
                when before.conversations is distinct from now.conversations
                    or before.numerator is distinct from now.numerator
                    then greatest(
                        abs(coalesce(now.conversations, 0) - coalesce(before.conversations, 0)),
                        abs(coalesce(now.numerator, 0) - coalesce(before.numerator, 0))
                    )
                -- of a median only its value tells
                when before.value is distinct from now.value then before.conversations
                else 0
            end as moved
        from before
        full outer join now using (metric, version, period_start, dimension, member)
    ),
    units as (
        select metric, any_value(version) as version, sum(conversations) as units
        from complete
        group by metric
    ),
    dimensions as (
        select metric, dimension, sum(moved) as moved from cells group by all
    )
    select metric, any_value(version)
    from dimensions
    inner join units using (metric)
    where metric in (
        select view_name from duckdb_views() where database_name = 'candidate' and schema_name = 'metrics'
    )
    group by metric
    having max(moved) > {LEAST_MOVED} * any_value(units)
    order by metric
"""

_UNTOUCHED = f"""
    create or replace temp table untouched as
    select conversation_id
    from published.marts.fct_conversations as before
    inner join candidate.marts.fct_conversations as now using (conversation_id)
    where ({", ".join(f"before.{fact}" for fact in FACTS)})
        is not distinct from ({", ".join(f"now.{fact}" for fact in FACTS)})
"""

_COMPARED = """
    create or replace temp table compared as
    with until as (
        select max(period_end)::timestamptz as ended_at
        from published.counted.metric_counts
        where metric = $metric and dimension = 'all' and is_complete
    ),
    before as (
        select units.*
        from published.metrics.{metric} as units
        semi join untouched using (conversation_id)
        where occurred_at < (from until)
    ),
    now as (
        select units.*
        from candidate.metrics.{metric} as units
        semi join untouched using (conversation_id)
        where occurred_at < (from until)
    )
    select
        coalesce(before.conversation_id, now.conversation_id) as conversation_id,
        before.unit_id is not null as was_counted,
        case
            when before.unit_id is null then 'counted anew'
            when now.unit_id is null then 'no longer counted'
            when (before.numerator, before.denominator, before.measure, before.occurred_at)
                is distinct from (now.numerator, now.denominator, now.measure, now.occurred_at)
                then 'counted otherwise'
        end as became,
        before.driver as driver_before,
        now.driver as driver_now,
        before.canonical_tag as canonical_tag_before,
        now.canonical_tag as canonical_tag_now
    from before
    full outer join now using (unit_id)
"""

_BY_RULE = """
    select
        'units' as slice_kind,
        became as slice,
        mode(coalesce(canonical_tag_now, canonical_tag_before)) as now,
        count(*)::double / nullif((select count(*) from compared where was_counted), 0) as share,
        count(*) as conversations
    from compared
    where became is not null
    group by became
"""

_BY_TAXONOMY = """
    select
        '{dimension}' as slice_kind,
        {dimension}_before as slice,
        mode({dimension}_now) filter (where {dimension}_now <> {dimension}_before) as now,
        (count(*) filter (where {dimension}_now <> {dimension}_before))::double / count(*) as share,
        count(*) filter (where {dimension}_now <> {dimension}_before) as conversations
    from compared
    -- to learn what a tag means moves nothing that was counted under another
    where {dimension}_before not in ('unmapped', 'no_signal', 'none')
    group by {dimension}_before
"""

_BY_LABEL = """
    select
        'label' as slice_kind,
        $signal || '=' || before.value as slice,
        mode(coalesce(now.value, 'abstained')) filter (where now.value is distinct from before.value) as now,
        (count(*) filter (where now.value is distinct from before.value))::double / count(*) as share,
        count(*) filter (where now.value is distinct from before.value) as conversations
    from (select distinct conversation_id from compared) as compared
    inner join published.marts.fct_signals as before using (conversation_id)
    inner join candidate.marts.fct_signals as now using (conversation_id, signal)
    -- another classifier may answer otherwise: its moves are told in marts.signal_moves
    where signal = $signal
        and before.value is not null
        and (before.classifier, before.classifier_version) = (now.classifier, now.classifier_version)
    group by before.value
"""


def record(stores: Stores, contracts: Sequence[Contract]) -> bool:
    """
    Put into the ledger what this build counts otherwise than the newest published one; True where that is news.

    Compared are the units of periods that were complete then, of metrics that had been launched, in the version
    they still have, and only of conversations of which the source says what it said then.
    """
    signals = {each.metric: _signal(each) for each in contracts}
    versions = [(each.metric, each.version) for each in contracts]

    def found(connection: duckdb.DuckDBPyConnection, build: str) -> moves.Rows:
        return _found(connection, build, signals, versions)

    return moves.record(stores, TABLE, found)


_READ = f"""
    select
        rewrites.* exclude (found_at),
        exists (
            from metric_revalidations as looked
            where looked.metric = rewrites.metric
                and looked.version = rewrites.version
                and looked.revalidated_at >= rewrites.found_at
        ) as is_settled
    from (from {TABLE} qualify found_at = max(found_at) over (partition by previous_build)) as rewrites
    where conversations > 0
    order by all
"""


def read(ledger: duckdb.DuckDBPyConnection) -> moves.Rows:
    """
    What was rewritten, of every published build that was followed by it, and whether somebody stood by it since.
    """
    return ledger.execute(_READ).fetchall()


def open_rewrites(ledger: duckdb.DuckDBPyConnection, contract: Contract) -> list[Row]:
    """What was rewritten of this version of a metric, and nobody has looked at yet."""
    named = (contract.metric, contract.version)
    return [
        row
        for row in told(ledger, _READ)
        if (row["metric"], row["version"]) == named and not row["is_settled"]
    ]


def _found(
    connection: duckdb.DuckDBPyConnection,
    build: str,
    signals: Mapping[str, str | None],
    versions: Sequence[tuple[str, str]],
) -> moves.Rows:
    """Only metrics whose cells have moved are looked at unit by unit."""
    if not _was_counted(connection):
        return []
    moved = [each for each in connection.execute(_MOVED).fetchall() if each in versions]
    if moved:
        connection.execute(_UNTOUCHED)
    rows: moves.Rows = []
    for metric, version in moved:
        connection.execute(_COMPARED.format(metric=f'"{metric}"'), {"metric": metric})
        shares = connection.execute(_shares(signals[metric]), _asked(signals[metric])).fetchall()
        rows += [(build, metric, version, *share) for share in shares]
    return rows


def _shares(signal: str | None) -> str:
    parts = [
        _BY_RULE,
        *(_BY_TAXONOMY.format(dimension=each) for each in ("driver", "canonical_tag")),
    ]
    parts += [_BY_LABEL] if signal else []
    united = " union all ".join(f"({part})" for part in parts)
    return f"from ({united}) where share > {LEAST_MOVED} order by all"


def _asked(signal: str | None) -> dict[str, str]:
    return {"signal": signal} if signal else {}


def _signal(contract: Contract) -> str | None:
    sample = contract.drill_down.validation if contract.drill_down else None
    return sample.signal if isinstance(sample, LabelledSample) else None


def _was_counted(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the published build has metrics at all: in one of an earlier version none was launched."""
    ((tables,),) = connection.execute(
        "select count(*) from duckdb_tables() where database_name = 'published'"
        " and (schema_name, table_name) in (('counted', 'metric_counts'), ('marts', 'metric_contracts'))"
    ).fetchall()
    return bool(tables == 2)

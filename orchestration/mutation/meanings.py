"""Harms to meaning: what is counted is read otherwise, though not one record has changed."""

from __future__ import annotations

import random
from collections.abc import Sequence

import duckdb

from contracts.contract import Contract, LabelledSample
from orchestration.mutation.harm import Harm

FLIPPED = (0.05, 0.15)
WIDENED = (0.12, 0.4)
LEAST_TAG_SHARE = 0.02
LEAST_ANSWERS = 100


def flipped(
    connection: duckdb.DuckDBPyConnection, chance: random.Random, contracts: Sequence[Contract]
) -> Harm | None:
    """
    Some of the conversations answered with a label that a metric counts are answered otherwise, or others so.
    """
    samples = [each.drill_down.validation for each in contracts if each.drill_down]
    counted = sorted(
        {(one.signal, one.value) for one in samples if isinstance(one, LabelledSample)}
    )
    answers = connection.execute(
        """
        select signal, value
        from candidate.marts.fct_signals
        where value is not null
        group by all
        having count(*) >= $1
        order by all
        """,
        [LEAST_ANSWERS],
    ).fetchall()
    pairs = [
        (signal, *pair)
        for signal, value in counted
        for answered, other in answers
        if answered == signal and other != value
        for pair in ((value, other), (other, value))
        if (signal, pair[0]) in answers
    ]
    if not pairs:
        return None
    signal, value, other = chance.choice(pairs)
    share, seed = round(chance.uniform(*FLIPPED), 3), chance.random()

    def plant(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(
            """
            create or replace temp table harmed as
            select conversation_id
            from candidate.marts.fct_signals
            where signal = $1 and value = $2
                and hash(conversation_id, $3) / 18446744073709551615 < $4
            """,
            [signal, value, seed, share],
        )
        inside = "conversation_id in (select conversation_id from harmed)"
        connection.execute(
            f"update candidate.marts.fct_signals set value = $1 where signal = $2 and {inside}",
            [other, signal],
        )
        connection.execute(
            f'update candidate.marts.fct_conversations set "{signal}" = $1 where {inside}', [other]
        )

    place = f"{share:.1%} of {signal}={value} answered {other}"
    clause, names = "drift_controls.new_version_above", (f"{signal}={value}",)
    return Harm("flipped label", place, clause, names, "records", plant)


def swapped(connection: duckdb.DuckDBPyConnection, chance: random.Random) -> Harm | None:
    """Two canonical tags of different drivers change places in the mapping."""
    rows = connection.execute(
        """
        select canonical_tag, any_value(driver)
        from candidate.marts.fct_conversation_tags
        where driver not in ('system', 'unmapped')
        group by canonical_tag
        having count(*) >= $1 * (select count(*) from candidate.marts.fct_conversations)
            and count(distinct driver) = 1
        order by all
        """,
        [LEAST_TAG_SHARE],
    ).fetchall()
    pairs = [
        (one, other) for one in rows for other in rows if one[:1] < other[:1] and one[1] != other[1]
    ]
    if not pairs:
        return None
    (one, driver), (other, its) = chance.choice(pairs)

    def plant(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(
            "create or replace temp table swapped as"
            " from (values ($1, $2, $3), ($2, $1, $4)) as pairs (was, now, driver)",
            [one, other, its, driver],
        )
        connection.execute(
            "update candidate.marts.fct_conversation_tags as tags"
            " set canonical_tag = swapped.now, driver = swapped.driver"
            " from swapped where tags.canonical_tag = swapped.was"
        )
        connection.execute(
            "update candidate.marts.fct_conversations as conversations"
            " set primary_canonical_tag = swapped.now, driver = swapped.driver"
            " from swapped where conversations.primary_canonical_tag = swapped.was"
        )

    place = f"canonical tags {one} and {other} swapped"
    names = (one, other, driver, its)
    clause = "drift_controls.new_version_above"
    return Harm("swapped mapping", place, clause, names, "records", plant)


def widened(
    connection: duckdb.DuckDBPyConnection, chance: random.Random, contracts: Sequence[Contract]
) -> Harm:
    """
    Every metric's rule takes in more than it did, in the same version: other conversations, else other states.
    """
    share = round(chance.uniform(*WIDENED), 2)
    views = {
        name
        for (name,) in connection.execute(
            "select view_name from duckdb_views()"
            " where database_name = 'candidate' and schema_name = 'metrics'"
        ).fetchall()
    }
    metrics = [each.metric for each in contracts if each.metric in views]

    def plant(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("create schema if not exists candidate.widened")
        for metric in metrics:
            connection.execute(_WIDENED.format(metric=metric), {"share": share})
            connection.execute("use candidate")
            connection.execute(
                f'create or replace view metrics."{metric}" as from candidate.widened."{metric}"'
            )
            connection.execute("use memory")

    place = f"{share:.0%} more units than its rule takes in"
    names = ("counted anew", "counted otherwise")
    clause = "drift_controls.new_version_above"
    return Harm("widened rule", place, clause, names, "rule", plant, checks=frozenset({"history"}))


_WIDENED = """
create or replace table candidate.widened."{metric}" as
with

units as (

    from candidate.metrics."{metric}"

),

wanted as (

    select ceil($share * count(*))::bigint as units from units

),

outside as (

    select conversations.*
    from candidate.marts.fct_conversations as conversations
    anti join units using (conversation_id)
    order by hash(conversations.conversation_id)
    limit (select units from wanted)

),

-- where nearly all conversations are counted already, more of them come to its numerator, or are measured
-- otherwise
others as (

    select unit_id
    from units
    where numerator < denominator or measure > 0
    order by hash(unit_id)
    limit (select greatest(0, wanted.units - (select count(*) from outside)) from wanted)

)

select units.* replace (
    if(others.unit_id is null, numerator, denominator) as numerator,
    if(others.unit_id is null, measure, measure / 2) as measure
)
from units
left join others using (unit_id)
union all
select
    outside.conversation_id || ' too',
    outside.conversation_id,
    outside.opened_at,
    (select max(numerator) from units),
    (select max(denominator) from units),
    (select quantile_cont(measure, 0.9) from units),
    (select max(state) from units),
    outside.source,
    outside.opened_on,
    outside.driver,
    outside.primary_canonical_tag,
    outside.channel,
    outside.segment,
    outside.language,
    outside.complexity
from outside
"""


def blanked(connection: duckdb.DuckDBPyConnection, chance: random.Random) -> Harm | None:
    """The quotes of a driver are blank."""
    rows = connection.execute(
        """
        select member, list(distinct metric order by metric)
        from candidate.counted.metric_counts
        where dimension = 'driver' and conversations > 0
            and (metric, period_start) in (
                select (metric, max(period_start))
                from candidate.counted.metric_counts
                where is_complete and dimension = 'all' and conversations > 0
                group by metric
            )
        group by member
        order by all
        """
    ).fetchall()
    if not rows:
        return None
    driver, metrics = chance.choice(rows)

    def plant(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(
            "update candidate.marts.metric_evidence set quote = ''"
            " where driver = $1 or (dimension = 'driver' and member = $1)",
            [driver],
        )

    return Harm(
        "blank quotes", f"driver {driver}", "drill_down.quotes", (f"driver={driver}",), "evidence", plant,
        metrics=frozenset(metrics),
    )  # fmt: skip

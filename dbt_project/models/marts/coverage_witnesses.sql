-- Grain: one row per source, period (a day or week), slice and witness that says how many conversations to expect of it.
-- Witnesses do not know of each other, and nothing is averaged: where they contradict, all of them stand here.
-- A week counts once all of it is loaded, a day likewise: what is still arriving is not missing.
with

coverage as (

    select * from {{ ref('coverage') }}

),

judged as (

    select * from {{ ref('coverage_judged') }}

),

conversations as (

    select * from {{ ref('conversations') }}

),

sources as (

    select
        source,
        (first_opened_at at time zone '{{ var("business_time_zone") }}')::date as first_day,
        -- the day it is loaded until may be half a day
        (loaded_until at time zone '{{ var("business_time_zone") }}')::date as until
    from {{ ref('loaded_sources') }}

),

-- offices that shut on a holiday are half empty the day before and after
holidays as (

    select distinct (day + around)::date as day
    from {{ ref('holidays') }}
    cross join unnest([-1, 0, 1]) as days (around)

),

loaded as (

    select
        coverage.source,
        kinds.period_kind,
        date_trunc(kinds.period_kind, coverage.day)::date as period_start,
        coverage.slice_kind,
        coverage.slice,
        sum(coverage.loaded) as loaded
    from coverage
    cross join (values ('day'), ('week')) as kinds (period_kind)
    group by all

),

slices as (

    select
        source,
        period_kind,
        slice_kind,
        slice,
        min(period_start) as first_start
    from loaded
    -- fewer may all stay away by chance
    where loaded >= {{ var('witness_deviations') }} ^ 2 / 2
    group by all

),

-- from when a slice first had many, a day or week on which it has no conversation has a row too
volumes as (

    select
        slices.* exclude (first_start),
        periods.period_start,
        coalesce(loaded.loaded, 0) as loaded,
        periods.is_usual
    from slices
    inner join (
        select
            sources.source,
            kinds.period_kind,
            date_trunc(kinds.period_kind, day)::date as period_start,
            bool_and(kinds.period_kind = 'week' or holidays.day is null) as is_usual
        from sources
        cross join unnest(range(sources.first_day, sources.until, interval 1 day)::date[]) as days (day)
        cross join (values ('day'), ('week')) as kinds (period_kind)
        left join holidays
            using (day)
        group by all
        having kinds.period_kind = 'day' or count(*) = 7
    ) as periods
        on slices.source = periods.source
            and slices.period_kind = periods.period_kind
            and slices.first_start <= periods.period_start
    left join loaded
        on slices.source = loaded.source
            and slices.period_kind = loaded.period_kind
            and slices.slice_kind = loaded.slice_kind
            and slices.slice = loaded.slice
            and periods.period_start = loaded.period_start

),

by_history as (

    {{ history_witness('volumes', var('witness_deviations'), var('history_floor')) | indent(4) }}

),

by_ids as (

    {{ ids_witness(
        '(select source, opened_on as day, try_cast(source_id as bigint) as id from conversations where id is not null)',
        var('witness_deviations'), var('ids_least_share'), var('ids_hole_gaps')
    ) | indent(4) }}

),

-- whoever states counts says them of days, and is judged by the period that coverage is
stated_by_day as (

    select
        stated.source,
        stated.day,
        stated.slice_kind,
        stated.slice,
        stated.witness,
        sum(stated.expected) - any_value(coverage.expected) as apart
    from {{ ref('stated_conversations') }} as stated
    inner join coverage
        on stated.source = coverage.source
            and stated.day = coverage.day
            and stated.slice_kind = coverage.slice_kind
            and stated.slice = coverage.slice
    where stated.recency_of_witness = 1
    group by all

),

-- on days of a week of which a witness says nothing, it is taken to say what holds
by_statement as (

    select
        judged.source,
        judged.period_kind,
        judged.period_start,
        judged.slice_kind,
        judged.slice,
        stated_by_day.witness,
        any_value(judged.expected) + sum(stated_by_day.apart) as expected,
        judged.loaded
    from judged
    inner join stated_by_day
        on judged.source = stated_by_day.source
            and judged.slice_kind = stated_by_day.slice_kind
            and judged.slice = stated_by_day.slice
            and judged.period_start = date_trunc(judged.period_kind, stated_by_day.day)::date
    group by all

),

several_exports as (

    select source
    from {{ source('loads', 'exports') }}
    where status = 'loaded' and table_name in ({{ conversation_tables() }})
    group by all
    having count(*) > 1

),

copies as (

    select distinct
        conversations.source,
        conversations.opened_on as day,
        conversations.source_id as id,
        received.export_seq
    from (
        {%- for name, table in [('zendesk', 'tickets'), ('intercom', 'conversations'), ('csv', 'conversations')] %}
        select source, id, export_seq from {{ source(name, table) }}
        union all
        {%- endfor %}
        -- records that an earlier export held to the letter were not kept twice
        select exports.source, duplicates.id, duplicates.export_seq
        from {{ source('loads', 'duplicates') }} as duplicates
        inner join {{ source('loads', 'exports') }} as exports
            on duplicates.export_seq = exports.export_seq and exports.table_name in ({{ conversation_tables() }})
    ) as received
    -- a run that loads one export asks nothing of it
    inner join several_exports
        on received.source = several_exports.source
    inner join conversations
        on received.source = conversations.source and received.id = conversations.source_id

),

by_two_exports as (

    {{ two_exports_witness('copies', var('witness_deviations')) | indent(4) }}

),

witnesses as (

    select
        *,
        expected as expected_low,
        expected as expected_high
    from by_statement
    union all by name
    select *, 'history' as witness from by_history
    union all by name
    select * exclude (expected_in_week), 'ids' as witness from by_ids
    where slice_kind = '' or expected >= {{ var('ids_hole_share') }} * expected_in_week
    union all by name
    select * exclude (day), '' as slice_kind, '' as slice, 'day' as period_kind, day as period_start, 'two exports' as witness
    from by_two_exports

)

select
    source,
    period_kind,
    period_start,
    slice_kind,
    slice,
    witness,
    expected::double as expected,
    expected_low::double as expected_low,
    expected_high::double as expected_high,
    loaded::bigint as loaded,
    (loaded / nullif(expected_high, 0))::double as coverage_low,
    (loaded / nullif(expected_low, 0))::double as coverage_high
from witnesses

-- Grain: one row per source, slice and the period its coverage is judged by: the day, or the week where a
-- slice expects few conversations a day. What the coverage bound is compared with.
with

coverage as (

    select * from {{ ref('coverage') }}

),

measured as (

    select
        *,
        avg(expected) over (partition by source, slice_kind, slice, date_trunc('week', day))
            < {{ var('judged_by_day_from') }} as is_judged_by_week
    from coverage
    where expected is not null

),

judged as (

    select
        source,
        case when is_judged_by_week then date_trunc('week', day)::date else day end as period_start,
        case when is_judged_by_week then 'week' else 'day' end as period_kind,
        slice_kind,
        slice,
        sum(expected)::bigint as expected,
        sum(loaded)::bigint as loaded
    from measured
    group by all

),

sources as (

    select distinct source from coverage

)

select
    sources.source,
    judged.period_start,
    judged.period_kind,
    judged.slice_kind,
    judged.slice,
    judged.expected,
    judged.loaded,
    case
        when judged.expected > 0 then judged.loaded / judged.expected
        when judged.expected = 0 and judged.loaded = 0 then 1
    end::double as coverage
from sources
-- left: a source nobody stated a count for is here once, with everything null
left join judged
    on sources.source = judged.source

-- Grain: one row per cadence and period in which a conversation was opened.
-- Complete: every source with conversations in it has been loaded past its end plus the grace.
{{ config(materialized='table') }}

with

conversations as (

    select * from {{ ref('conversations') }}

),

loaded as (

    select
        source,
        max(greatest(opened_at, coalesce(updated_at, opened_at))) as loaded_until
    from conversations
    group by all

),

days as (

    select distinct source, opened_on from conversations

),

periods as (
{% for cadence in ['day', 'week', 'month'] %}
    select distinct
        '{{ cadence }}' as cadence,
        source,
        date_trunc('{{ cadence }}', opened_on)::date as period_start,
        (date_trunc('{{ cadence }}', opened_on) + interval 1 {{ cadence }})::date as period_end
    from days
    {{ 'union all' if not loop.last }}
{% endfor %}
)

select
    periods.cadence,
    periods.period_start,
    periods.period_end,
    bool_and(
        loaded.loaded_until >= (periods.period_end::timestamp at time zone '{{ var("business_time_zone") }}')
            + interval {{ var('period_grace_hours') }} hour
    ) as is_complete
from periods
inner join loaded
    on periods.source = loaded.source
group by all

-- Grain: one row per cadence and period in which a conversation was opened.
-- Complete: every source in use in it has been loaded past its end plus the grace.
-- A source is in use from its first conversation on, also in periods in which it has none: that is how an
-- export that has not arrived yet looks. Once it is silent for longer than `source_silent_days` while another
-- source goes on, it has ended: it is no longer waited for after its last word, and what it said until then
-- stays judged by it. So a late source holds periods back for a while, and a retired one not for ever.
{{ config(materialized='table') }}

with

conversations as (

    select * from {{ ref('conversations') }}

),

sources as (

    select
        *,
        coalesce(
            loaded_until < max(loaded_until) over () - interval {{ var('source_silent_days') }} day, false
        ) as has_ended
    from {{ ref('loaded_sources') }}

),

days as (

    select distinct opened_on from conversations

),

periods as (
{% for cadence in ['day', 'week', 'month'] %}
    select distinct
        '{{ cadence }}' as cadence,
        date_trunc('{{ cadence }}', opened_on)::date as period_start,
        (date_trunc('{{ cadence }}', opened_on) + interval 1 {{ cadence }})::date as period_end
    from days
    {{ 'union all' if not loop.last }}
{% endfor %}
),

moments as (

    select
        *,
        period_start::timestamp at time zone '{{ var("business_time_zone") }}' as started_at,
        period_end::timestamp at time zone '{{ var("business_time_zone") }}' as ended_at
    from periods

)

select
    moments.cadence,
    moments.period_start,
    moments.period_end,
    bool_and(
        coalesce(sources.loaded_until >= moments.ended_at + interval {{ var('period_grace_hours') }} hour, false)
    ) as is_complete
from moments
-- left: a period of which no source tells anything that can be believed is there, and not complete
left join sources
    on sources.first_opened_at < moments.ended_at
        and (not sources.has_ended or sources.loaded_until > moments.started_at)
group by all

-- Grain: one row per conversation in scope and local day at whose last instant it was open, days loaded to their end.
{%- set zone = var('business_time_zone') %}
with

spells as (

    select * from {{ ref('fct_open_spells') }}

),

days as (

    select
        *,
        -- the day it ended on is not one: at its last instant the conversation was not open
        unnest(range(
            date_trunc('day', open_from at time zone '{{ zone }}'),
            date_trunc('day', least(coalesce(open_until, loaded_until), loaded_until) at time zone '{{ zone }}'),
            interval 1 day
        )) as day
    from spells

)

select
    conversation_id || '@' || day::date as unit_id,
    conversation_id,
    (day + interval 1 day) at time zone '{{ zone }}' - to_microseconds(1) as occurred_at,
    1::double as numerator,
    null::double as denominator,
    null::double as measure,
    null::varchar as state,
    {{ dimensions('days') }}
from days

-- Grain: one row per conversation in scope whose customer rated it, at a known time.
with

conversations as (

    select * from {{ ref('fct_measured') }}

)

select
    conversation_id as unit_id,
    conversation_id,
    csat_answered_at as occurred_at,
    (csat = 'good')::double as numerator,
    1::double as denominator,
    null::double as measure,
    csat as state,
    {{ dimensions('conversations') }}
from conversations
where csat is not null and csat_answered_at is not null

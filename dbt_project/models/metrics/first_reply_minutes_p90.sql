-- Grain: one row per conversation in scope that a person at work answered.
with

conversations as (

    select * from {{ ref('fct_measured') }}

)

select
    conversation_id as unit_id,
    conversation_id,
    opened_at as occurred_at,
    null::double as numerator,
    null::double as denominator,
    first_reply_minutes as measure,
    null::varchar as state,
    {{ dimensions('conversations') }}
from conversations
where first_reply_minutes is not null

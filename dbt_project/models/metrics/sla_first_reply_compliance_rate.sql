-- Grain: one row per conversation in scope whose first reply had a target that was kept or missed.
with

conversations as (

    select * from {{ ref('fct_measured') }}

)

select
    conversation_id as unit_id,
    conversation_id,
    opened_at as occurred_at,
    (sla_first_reply = 'achieved')::double as numerator,
    1::double as denominator,
    null::double as measure,
    sla_first_reply as state,
    {{ dimensions('conversations') }}
from conversations
where sla_first_reply is not null

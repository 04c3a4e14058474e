-- Grain: one row per conversation in scope of which is known whether it waits for a person's first answer.
with

conversations as (

    select * from {{ ref('fct_measured') }}

)

select
    conversation_id as unit_id,
    conversation_id,
    opened_at as occurred_at,
    is_awaiting_reply::double as numerator,
    1::double as denominator,
    null::double as measure,
    case
        when is_awaiting_reply then 'waiting'
        when first_reply_at is null then 'closed_unanswered'
        else 'answered'
    end as state,
    {{ dimensions('conversations') }}
from conversations
where is_awaiting_reply is not null

-- Grain: one row per conversation in scope of a customer's first 30 days, day 0 to day 29, whose effort is known.
with

conversations as (

    select * from {{ ref('fct_measured') }}

)

select
    conversation_id as unit_id,
    conversation_id,
    opened_at as occurred_at,
    (customer_effort = 'high')::double as numerator,
    1::double as denominator,
    null::double as measure,
    customer_effort as state,
    {{ dimensions('conversations') }}
from conversations
where customer_age_days < 30 and customer_effort is not null

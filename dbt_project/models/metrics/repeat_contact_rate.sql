-- Grain: one row per conversation in scope of which an earlier contact about the same matter would be known.
with

conversations as (

    select * from {{ ref('fct_measured') }}

),

judged as (

    select
        *,
        coalesce(previous_contact_at >= opened_at - to_hours(24 * {{ var('repeat_contact_days') }}), false) as is_repeat
    from conversations
    where has_look_back and customer_id is not null and driver not in ('unmapped', 'no_signal')

)

select
    conversation_id as unit_id,
    conversation_id,
    opened_at as occurred_at,
    is_repeat::double as numerator,
    1::double as denominator,
    null::double as measure,
    case when is_repeat then 'repeat' else 'first' end as state,
    {{ dimensions('judged') }}
from judged

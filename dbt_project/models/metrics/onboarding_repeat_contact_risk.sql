-- Grain: one row per unresolved onboarding conversation in scope, its customer known, the days for a return loaded.
{%- set days_to_return = 'to_hours(24 * ' ~ var('repeat_contact_days') ~ ')' %}
with

conversations as (

    select * from {{ ref('fct_measured') }}

),

judged as (

    select
        *,
        coalesce(next_contact_at <= opened_at + {{ days_to_return }}, false) as came_back
    from conversations
    where driver = 'onboarding_setup'
        and outcome = 'unresolved'
        and customer_id is not null
        and opened_at + {{ days_to_return }} <= loaded_until

)

select
    conversation_id as unit_id,
    conversation_id,
    opened_at as occurred_at,
    came_back::double as numerator,
    1::double as denominator,
    null::double as measure,
    case when came_back then 'came_back' else 'stayed_away' end as state,
    {{ dimensions('judged') }}
from judged

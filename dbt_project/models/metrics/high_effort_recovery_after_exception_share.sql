-- Grain: one row per conversation in scope of high effort in which an agent departed from policy, its end known.
{%- set days_to_return = 'to_hours(24 * ' ~ var('repeat_contact_days') ~ ')' %}
with

conversations as (

    select * from {{ ref('fct_measured') }}

),

judged as (

    select
        *,
        case
            when solved_at is null then 'unsolved'
            when reopens > 0 then 'reopened'
            when csat = 'bad' then 'rated_bad'
            when next_contact_at <= solved_at + {{ days_to_return }} then 'came_back'
            else 'recovered'
        end as state
    from conversations
    where customer_effort = 'high'
        and has_policy_exception
        and customer_id is not null
        and driver not in ('unmapped', 'no_signal')
        and (solved_at is not null or status in ('new', 'open', 'pending', 'hold'))
        -- what is still open after so many days counts as not recovered
        and coalesce(solved_at, opened_at) + {{ days_to_return }} <= loaded_until

)

select
    conversation_id as unit_id,
    conversation_id,
    opened_at as occurred_at,
    (state = 'recovered')::double as numerator,
    1::double as denominator,
    null::double as measure,
    state,
    {{ dimensions('judged') }}
from judged

-- Grain: one row per conversation in scope that is solved or closed now and of which is known when it was last solved.
with

conversations as (

    select * from {{ ref('fct_measured') }}

)

select
    conversation_id as unit_id,
    conversation_id,
    solved_at as occurred_at,
    null::double as numerator,
    null::double as denominator,
    full_resolution_minutes / 60 as measure,
    null::varchar as state,
    {{ dimensions('conversations') }}
from conversations
where full_resolution_minutes is not null and solved_at is not null

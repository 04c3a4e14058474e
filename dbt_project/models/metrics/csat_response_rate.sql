-- Grain: one row per conversation in scope whose customer was asked to rate it.
with

conversations as (

    select * from {{ ref('fct_measured') }}

)

select
    conversation_id as unit_id,
    conversation_id,
    opened_at as occurred_at,
    (csat is not null)::double as numerator,
    1::double as denominator,
    null::double as measure,
    case when csat is null then 'not_answered' else 'answered' end as state,
    {{ dimensions('conversations') }}
from conversations
where is_surveyed

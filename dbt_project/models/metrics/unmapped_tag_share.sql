-- Grain: one row per conversation in scope.
with

conversations as (

    select * from {{ ref('fct_measured') }}

)

select
    conversation_id as unit_id,
    conversation_id,
    opened_at as occurred_at,
    has_unmapped_tag::double as numerator,
    1::double as denominator,
    null::double as measure,
    case when has_unmapped_tag then 'with_unmapped_tag' else 'without' end as state,
    {{ dimensions('conversations') }}
from conversations

-- Grain: one row per conversation in scope of a customer above the ARR band whose churn risk is known.
with

conversations as (

    select * from {{ ref('fct_measured') }}

)

select
    conversation_id as unit_id,
    conversation_id,
    opened_at as occurred_at,
    (churn_risk in ('mention', 'intent'))::double as numerator,
    1::double as denominator,
    null::double as measure,
    churn_risk as state,
    {{ dimensions('conversations') }}
from conversations
where arr >= {{ var('arr_band') }} and churn_risk is not null

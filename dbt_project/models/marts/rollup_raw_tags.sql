-- Grain: cadence × period × raw tag × channel × queue × segment × language, in-scope only.
with

conversations as (

    select * from {{ ref('fct_conversations') }} where is_in_scope

),

tagged as (

    select
        unnest(raw_tags) as raw_tag,
        opened_on,
        channel,
        queue,
        segment,
        language,
        sentiment,
        churn_risk,
        customer_effort
    from conversations

),

{{ rollup('raw_tag', 'tagged') }}

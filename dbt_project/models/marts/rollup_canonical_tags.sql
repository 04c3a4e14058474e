-- Grain: cadence × period × canonical tag × channel × queue × segment × language, in-scope only.
-- A conversation has any number of canonical tags, so shares may sum to more than one.
with

conversations as (

    select * from {{ ref('fct_conversations') }} where is_in_scope

),

tagged as (

    select
        unnest(canonical_tags) as canonical_tag,
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

{{ rollup('canonical_tag', 'tagged') }}

-- Grain: cadence × period × driver × channel × queue × segment × language, in-scope conversations only.
-- A conversation has one primary driver, so the shares of a cell sum to one.
with

conversations as (

    select * from {{ ref('fct_conversations') }} where is_in_scope

),

{{ rollup('driver', 'conversations') }}

-- Grain: one row per conversation in scope whose customer, by their id in the same source, wrote about the same driver
-- before or after: when, and when about the same primary canonical tag.
-- Two conversations of which nobody knows what they are about are not about the same.
{{ config(materialized='table') }}

with

contacts as (

    select
        conversation_id,
        source,
        customer_id,
        opened_at,
        case when driver not in ('unmapped', 'no_signal') then driver end as driver,
        case when primary_canonical_tag != 'none' then primary_canonical_tag end as tag
    from {{ ref('fct_conversations') }}
    where is_in_scope and customer_id is not null

)

select
    conversation_id,
    case when driver is not null then lag(opened_at) over by_driver end as previous_contact_at,
    case when driver is not null then lead(opened_at) over by_driver end as next_contact_at,
    case when tag is not null then lag(opened_at) over by_tag end as previous_same_tag_contact_at,
    case when tag is not null then lead(opened_at) over by_tag end as next_same_tag_contact_at
from contacts
window
    by_driver as (partition by source, customer_id, driver order by opened_at, conversation_id),
    by_tag as (partition by source, customer_id, tag order by opened_at, conversation_id)
qualify coalesce(previous_contact_at, next_contact_at, previous_same_tag_contact_at, next_same_tag_contact_at) is not null

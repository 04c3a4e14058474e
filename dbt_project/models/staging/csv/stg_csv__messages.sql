-- Grain: one row per conversation that carries a text: a CSV holds the customer's first message at most.
with

conversations as (

    select * from {{ ref('stg_csv__conversations') }}

)

select
    conversation_id,
    1::integer as message_no,
    'customer' as author_role,
    customer_id as author_id,
    true as is_public,
    opened_at as sent_at,
    text as body
from conversations
where text is not null

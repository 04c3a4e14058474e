-- Grain: one row per touched conversation with a public message.
-- Counted from the mart, which is built first: so every text is read from raw once.
with

messages as (

    select * from {{ ref('fct_messages') }}

),

touched as (

    select * from {{ ref('touched_conversations') }}

)

select
    messages.conversation_id,
    count(*) as messages,
    count(*) filter (where messages.author_role = 'customer') as customer_messages,
    count(*) filter (where messages.author_role = 'agent') as agent_messages,
    count(*) filter (where messages.author_role = 'bot') as bot_messages,
    min(messages.message_no) filter (where messages.author_role = 'customer') as first_customer_message_no,
    min(messages.sent_at) filter (where messages.author_role = 'agent') as first_agent_reply_at
from messages
inner join touched
    on messages.conversation_id = touched.conversation_id
group by all

{{ config(materialized='table') }}
select messages.conversation_id, messages.message_no, messages.body as words
from {{ ref('fct_messages') }} as messages
inner join {{ ref('touched_conversations') }} as touched on messages.conversation_id = touched.conversation_id
where messages.author_role = 'customer'

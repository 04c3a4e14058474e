-- Grain: one row per touched, in-scope conversation.
{{ config(materialized='table') }}
select
    conversations.conversation_id,
    conversations.language
from {{ ref('conversations') }} as conversations
inner join {{ ref('touched_conversations') }} as touched
    on conversations.conversation_id = touched.conversation_id
where conversations.is_in_scope

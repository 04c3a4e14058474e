-- Grain: one row per customer message of a touched, in-scope conversation.
{{ config(materialized='table') }}
select
    messages.conversation_id,
    messages.message_no,
    messages.author_role,
    languages.language,
    messages.body as words
from {{ ref('fct_messages') }} as messages
inner join {{ ref('languages_detected') }} as languages
    on messages.conversation_id = languages.conversation_id
where messages.author_role = 'customer' and messages.body <> ''

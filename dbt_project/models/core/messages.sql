-- Grain: one row per message of a touched conversation, private notes included with a body of null.
-- message_no counts the public messages of a conversation in order of time; private notes follow them.
select
    conversation_id, message_no, author_role, author_id, is_public, sent_at, body
from {{ ref('stg_zendesk__messages') }}
union all
select
    conversation_id, message_no, author_role, author_id, is_public, sent_at, body
from {{ ref('stg_csv__messages') }}
union all
select
    conversation_id, message_no, author_role, author_id, is_public, sent_at, body
from {{ ref('stg_intercom__messages') }}

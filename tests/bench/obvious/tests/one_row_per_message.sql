select conversation_id, message_no from {{ ref('fct_messages') }} group by all having count(*) > 1

select conversation_id, raw_tag from {{ ref('fct_conversation_tags') }} group by all having count(*) > 1

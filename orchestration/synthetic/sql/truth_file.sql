-- Grain: one row per conversation truly opened; a record of it may have been damaged after it was written.
select * replace (
    case when list_contains(getvariable('broken'), conversation_id)
        then list_append(planted, 'broken_record') else planted end as planted
)
from truths

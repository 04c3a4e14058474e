with found as (
select conversation_id, arg_min(message_no, message_no) filter (where contains(words, 'terrible')) as message_no
from {{ ref('own_words') }} group by all)
select conversations.conversation_id, 'churn_mention' as signal, case when message_no is not null then 'negative' end as value, 0.5::double as confidence, case when message_no is null then 'not enough evidence' end as abstain_reason,
message_no::integer as message_no, case when message_no is not null then 'terrible' end as cue, 'stub' as classifier, '1.0.0' as classifier_version
from {{ ref('conversations') }} as conversations
inner join {{ ref('touched_conversations') }} as touched on conversations.conversation_id = touched.conversation_id
left join found on conversations.conversation_id = found.conversation_id
where conversations.is_in_scope

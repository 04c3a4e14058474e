-- Fails if a key is not one row, an exclusion is not explained, or drivers do not add up.
{% for mart, keys in [
    ('fct_conversations', 'conversation_id'),
    ('fct_messages', 'conversation_id, message_no'),
    ('fct_conversation_tags', 'conversation_id, raw_tag'),
    ('fct_signals', 'conversation_id, signal'),
] %}
select '{{ mart }}: {{ keys }}' as check_name, count(*) as failing
from (select 1 from candidate.marts.{{ mart }} group by {{ keys }} having count(*) > 1)
union all
{% endfor %}
select 'a conversation without id or driver, or excluded without a reason', count(*)
from candidate.marts.fct_conversations
where conversation_id is null or driver is null or is_in_scope != (exclusion_reason is null)
union all
select 'a conversation in scope without a row per signal', count(*)
from (
    select conversations.conversation_id
    from candidate.marts.fct_conversations as conversations
    left join candidate.marts.fct_signals as signals
        using (conversation_id)
    where conversations.is_in_scope
    group by all
    having count(signals.signal) != {{ signals | length }}
)
union all
select 'shares of drivers sum to 1', count(*)
from (
    select 1
    from candidate.marts.rollup_drivers
    group by cadence, period_start, channel, queue, segment, language
    having abs(sum(share) - 1) > 1e-9
)
union all
select 'every conversation in scope under one driver', count(*)
from (
    select
        (select count(*) from candidate.marts.fct_conversations where is_in_scope) as in_scope,
        (select sum(conversations) from candidate.marts.rollup_drivers where cadence = 'day') as rolled_up
)
where in_scope != rolled_up;

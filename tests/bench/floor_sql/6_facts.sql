-- The wide table: one row per conversation, a column per signal.
create table candidate.marts.fct_conversations as
with

summarised as (

    select
        conversation_id,
        arg_min(driver, rank) as driver,
        arg_min(method, rank) = 'keyword' as is_inferred,
        arg_min(canonical_tag, rank) as primary_canonical_tag,
        list_sort(list_distinct(list(canonical_tag) filter (where rank is not null))) as canonical_tags,
        list_sort(list(raw_tag) filter (where method != 'keyword')) as raw_tags,
        bool_or(driver = 'unmapped') as has_unmapped_tag
    from tags
    group by all

),

signals as (

    select
        conversation_id,
        {%- for signal in signals %}
        max(value) filter (where signal = '{{ signal }}') as {{ signal }}{{ "," if not loop.last }}
        {%- endfor %}
    from candidate.marts.fct_signals
    group by all

)

select
    conversations.conversation_id,
    conversations.source,
    conversations.source_id,
    conversations.url,
    conversations.opened_at,
    conversations.opened_on,
    conversations.solved_at,
    conversations.status,
    conversations.channel,
    conversations.queue,
    coalesce(languages_detected.language, conversations.language) as language,
    conversations.segment,
    case
        when greatest(customer_messages - 1, 0) + 2 * (reopens + handoffs) >= 6 then 'high'
        when greatest(customer_messages - 1, 0) + 2 * (reopens + handoffs) >= 3 then 'medium'
        else 'low'
    end as complexity,
    conversations.customer_id,
    conversations.organization_id,
    {{ mask_personal_data('conversations.subject') }} as subject,
    conversations.is_in_scope,
    conversations.exclusion_reason,
    case
        when summarised.driver is not null then summarised.driver
        when summarised.has_unmapped_tag then 'unmapped'
        else 'no_signal'
    end as driver,
    case
        when summarised.driver is null then 'none'
        when summarised.is_inferred then 'keyword'
        else 'tag'
    end as driver_method,
    coalesce(summarised.primary_canonical_tag, 'none') as primary_canonical_tag,
    coalesce(summarised.canonical_tags, []) as canonical_tags,
    coalesce(summarised.raw_tags, []) as raw_tags,
    conversations.reopens,
    conversations.handoffs,
    conversations.messages,
    conversations.customer_messages,
    conversations.agent_messages,
    conversations.bot_messages,
    conversations.first_agent_reply_at,
    null::boolean as is_sla_met,
    signals.* exclude (conversation_id)
from {{ mask_subjects('conversations', 'subject') }} as conversations
left join languages_detected
    on conversations.conversation_id = languages_detected.conversation_id
left join summarised
    on conversations.conversation_id = summarised.conversation_id
left join signals
    on conversations.conversation_id = signals.conversation_id;

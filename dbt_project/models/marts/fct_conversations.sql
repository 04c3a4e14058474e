-- Grain: one row per conversation, excluded ones too. The wide table every metric reads.
-- Primary driver: of the drivers its canonical tags belong to, the one ranked first in the seed. So it
-- depends on which drivers are present, never on how many spellings a tag has.
{{ config(materialized='incremental', incremental_strategy='by_conversation') }}

with

touched as (

    select * from {{ ref('touched_conversations') }}

),

conversations as (

    select conversations.*
    from {{ ref('conversations') }} as conversations
    inner join touched
        on conversations.conversation_id = touched.conversation_id and {{ touched_only() }}

),

-- what is excluded is read by no classifier, and its language not told
languages as (

    select * from {{ ref('languages_detected') }}

),

drivers as (

    select * from {{ ref('drivers') }}

),

canonical_tags as (

    select * from {{ ref('canonical_tags') }}

),

tags as (

    select
        tags.*,
        -- null for machine tags and unmapped ones, and where the driver has ended: there is nothing to be ranked by
        drivers.rank * 1000 + canonical_tags.priority as rank
    from {{ ref('fct_conversation_tags') }} as tags
    inner join conversations
        on tags.conversation_id = conversations.conversation_id
    left join drivers
        on tags.driver = drivers.driver
            and {{ is_valid_on('conversations.opened_on', 'drivers') }}
    left join canonical_tags
        on tags.canonical_tag = canonical_tags.canonical_tag
            and {{ is_valid_on('conversations.opened_on', 'canonical_tags') }}

),

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

    select * from {{ ref('signal_columns') }}

)

select
    conversations.conversation_id,
    conversations.source,
    conversations.source_id,
    {{ mask_url('conversations.url') }} as url,
    conversations.opened_at,
    conversations.opened_on,
    conversations.solved_at,
    conversations.status,
    conversations.channel,
    conversations.queue,
    coalesce(languages.language, conversations.language) as language,
    {{ mask_identifier('conversations.segment') }} as segment,
    conversations.complexity,
    -- some help desks know customers by their address: a digest tells them apart as well
    case
        when regexp_matches(conversations.customer_id, '[@+ [:cntrl:]]')
            or conversations.customer_id != {{ mask_identifier('conversations.customer_id') }}
            then md5(lower(conversations.customer_id))
        else conversations.customer_id
    end as customer_id,
    {{ mask_identifier('conversations.organization_id') }} as organization_id,
    {{ mask_personal_data('conversations.subject') }} as subject,
    conversations.is_in_scope,
    conversations.exclusion_reason,
    -- no_signal: nobody said what it is about; unmapped: somebody did, in words that lead to no driver on that day
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
    conversations.is_sla_met,
    {%- for signal in core_signals() + custom_signals() %}
    signals.{{ signal }}{{ "," if not loop.last }}
    {%- endfor %}
from {{ mask_subjects('conversations', 'subject') }} as conversations
left join languages
    on conversations.conversation_id = languages.conversation_id
left join summarised
    on conversations.conversation_id = summarised.conversation_id
left join signals
    on conversations.conversation_id = signals.conversation_id

-- Grain: one row per conversation, deduplicated, its meaning decided once. Nothing is dropped: what
-- does not count is flagged with a reason. Unmasked: this table is never published.
{{ config(materialized='incremental', incremental_strategy='by_conversation') }}

with

touched as (

    select * from {{ ref('touched_conversations') }}

),

zendesk as (

    select * from {{ ref('stg_zendesk__conversations') }}

),

intercom as (

    select * from {{ ref('stg_intercom__conversations') }}

),

csv as (

    select * exclude (text) from {{ ref('stg_csv__conversations') }}

),

sources as (

    select * from zendesk
    union all
    select * from intercom
    union all
    select * from csv

),

-- counted from the mart, which is built first: so every text is read from raw once
message_counts as (

    select
        messages.conversation_id,
        count(*) as messages,
        count(*) filter (where author_role = 'customer') as customer_messages,
        count(*) filter (where author_role = 'agent') as agent_messages,
        count(*) filter (where author_role = 'bot') as bot_messages,
        min(message_no) filter (where author_role = 'customer') as first_customer_message_no,
        min(sent_at) filter (where author_role = 'agent') as first_agent_reply_at
    from {{ ref('fct_messages') }} as messages
    inner join touched
        on messages.conversation_id = touched.conversation_id
    group by all

),

accounts as (

    select * from {{ ref('stg_billing__accounts') }}

),

channels as (

    select * from {{ ref('channels') }}

),

statuses as (

    select * from {{ ref('statuses') }}

),

languages as (

    select * from {{ ref('languages') }}

),

-- one row: the raw tags that say something about a conversation instead of its topic
machine_tags as (

    select
        coalesce(list(raw_tag) filter (where exclusion_reason = 'merged'), []) as merged,
        coalesce(list(raw_tag) filter (where exclusion_reason = 'spam'), []) as spam,
        coalesce(list(raw_tag) filter (where exclusion_reason = 'test'), []) as test,
        coalesce(list(raw_tag) filter (where exclusion_reason = 'suspended'), []) as suspended,
        coalesce(list(raw_tag) filter (where exclusion_reason = 'outbound'), []) as outbound,
        coalesce(list(raw_tag) filter (where language is not null), []) as languages,
        coalesce(map_from_entries(list((raw_tag, language)) filter (where language is not null)), map {}) as language_of
    from {{ ref('raw_tags') }}

),

described as (

    select
        sources.*,
        (sources.opened_at at time zone '{{ var("business_time_zone") }}')::date as opened_on,
        coalesce(statuses.status, 'unknown') as status,
        coalesce(channels.channel, 'unknown') as canonical_channel,
        coalesce(
            machine_tags.language_of[list_sort(list_intersect(sources.tags, machine_tags.languages))[1]],
            languages.language,
            'unknown'
        ) as language,
        coalesce(accounts.segment, sources.segment, 'unknown') as account_segment,
        accounts.account_id,
        coalesce(message_counts.messages, 0) as messages,
        coalesce(message_counts.customer_messages, 0) as customer_messages,
        coalesce(message_counts.agent_messages, 0) as agent_messages,
        coalesce(message_counts.bot_messages, 0) as bot_messages,
        message_counts.first_customer_message_no,
        message_counts.first_agent_reply_at,
        -- the first that applies is the reason
        case
            when sources.is_deleted then 'deleted'
            when sources.is_merged or list_has_any(sources.tags, machine_tags.merged) then 'merged'
            when sources.is_spam or list_has_any(sources.tags, machine_tags.spam) then 'spam'
            when sources.is_test or list_has_any(sources.tags, machine_tags.test) then 'test'
            when sources.is_suspended or list_has_any(sources.tags, machine_tags.suspended) then 'suspended'
            when sources.is_outbound or list_has_any(sources.tags, machine_tags.outbound) then 'outbound'
        end as exclusion_reason
    from sources
    inner join touched
        on sources.conversation_id = touched.conversation_id and {{ touched_only() }}
    cross join machine_tags
    left join message_counts
        on sources.conversation_id = message_counts.conversation_id
    left join accounts
        on sources.source = accounts.source and sources.organization_id = accounts.organization_id
    left join statuses
        on {{ lookup_key('sources.raw_status') }} = statuses.raw_status
    left join channels
        on {{ lookup_key('sources.raw_channel') }} = channels.raw_channel
    left join languages
        on {{ lookup_key('sources.raw_language') }} = languages.raw_language

)

select
    conversation_id,
    source,
    source_id,
    url,
    opened_at,
    opened_on,
    updated_at,
    solved_at,
    status,
    canonical_channel as channel,
    coalesce({{ mask_personal_data('queue') }}, 'unassigned') as queue,
    language,
    account_segment as segment,
    -- each reopen and each handoff weighs as much as two further messages from the customer
    case
        when greatest(customer_messages - 1, 0) + 2 * (reopens + handoffs) >= {{ var('complexity_high_from') }} then 'high'
        when greatest(customer_messages - 1, 0) + 2 * (reopens + handoffs) >= {{ var('complexity_medium_from') }} then 'medium'
        else 'low'
    end as complexity,
    customer_id,
    organization_id,
    account_id,
    subject,
    tags,
    exclusion_reason is null as is_in_scope,
    exclusion_reason,
    reopens,
    handoffs,
    messages,
    customer_messages,
    agent_messages,
    bot_messages,
    first_customer_message_no,
    first_agent_reply_at,
    raw_csat,
    is_sla_met
from described

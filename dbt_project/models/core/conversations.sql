-- Grain: one row per conversation, deduplicated, its meaning decided once. Nothing is dropped: what
-- does not count is flagged with a reason. Unmasked: this table is never published.
{{ config(materialized='incremental', incremental_strategy='by_conversation') }}

with

touched as (

    select * from {{ ref('touched_conversations') }}

),

received as (

    select * from {{ ref('received_conversations') }}

),

message_counts as (

    select * from {{ ref('message_counts') }}

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

telling_tags as (

    select * from {{ ref('telling_tags') }}

),

described as (

    select
        received.*,
        (received.opened_at at time zone '{{ var("business_time_zone") }}')::date as opened_on,
        coalesce(statuses.status, 'unknown') as status,
        coalesce(channels.channel, 'unknown') as canonical_channel,
        coalesce(
            telling_tags.language_of[list_sort(list_intersect(received.tags, telling_tags.languages))[1]],
            languages.language,
            'unknown'
        ) as language,
        coalesce(accounts.segment, received.segment, 'unknown') as account_segment,
        coalesce(message_counts.messages, 0) as messages,
        coalesce(message_counts.customer_messages, 0) as customer_messages,
        coalesce(message_counts.agent_messages, 0) as agent_messages,
        coalesce(message_counts.bot_messages, 0) as bot_messages,
        message_counts.first_customer_message_no,
        message_counts.first_agent_reply_at,
        -- the first that applies is the reason
        case
            when received.is_deleted then 'deleted'
            when received.is_merged or list_has_any(received.tags, telling_tags.merged) then 'merged'
            when received.is_spam or list_has_any(received.tags, telling_tags.spam) then 'spam'
            when received.is_test or list_has_any(received.tags, telling_tags.test) then 'test'
            when received.is_suspended or list_has_any(received.tags, telling_tags.suspended) then 'suspended'
            when received.is_outbound or list_has_any(received.tags, telling_tags.outbound) then 'outbound'
        end as exclusion_reason
    from received
    inner join touched
        on received.conversation_id = touched.conversation_id and {{ touched_only() }}
    cross join telling_tags
    left join message_counts
        on received.conversation_id = message_counts.conversation_id
    left join accounts
        on received.source = accounts.source and received.organization_id = accounts.organization_id
    left join statuses
        on {{ lookup_key('received.raw_status') }} = statuses.raw_status
    left join channels
        on {{ lookup_key('received.raw_channel') }} = channels.raw_channel
    left join languages
        on {{ lookup_key('received.raw_language') }} = languages.raw_language

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
    csat_answered_at,
    is_sla_met
from described

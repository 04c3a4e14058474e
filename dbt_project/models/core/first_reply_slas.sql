-- Grain: one row per conversation in scope of which is known whether its first reply kept its SLA: achieved or breached.
-- What the source states stands first, then its metric events, then the target of the policy that applies. A target that
-- is not due yet is neither; nor is one that ended without a reply before it was due: nobody answered in time.
{{ config(materialized='table') }}

with

times as (

    select * from {{ ref('handling_times') }}

),

conversations as (

    select * from {{ ref('fct_conversations') }} where is_in_scope

),

tickets as (

    select * from {{ ref('stg_zendesk__latest_tickets') }}

),

events as (

    select * from {{ ref('stg_zendesk__first_reply_events') }}

),

targets as (

    select * from {{ ref('first_reply_targets') }}

),

judged as (

    select
        conversations.conversation_id,
        case
            when conversations.is_sla_met is not null
                then case when conversations.is_sla_met then 'achieved' else 'breached' end
            when events.ticket_id is not null then case
                when events.has_policy and events.is_breached then 'breached'
                when events.has_policy and events.is_replied then 'achieved'
            end
            when case when targets.is_in_business_hours then times.awaited_business_minutes else times.awaited_minutes end
                > targets.target_minutes then 'breached'
            when targets.target_minutes is not null and times.first_reply_at is not null then 'achieved'
        end as sla_first_reply
    from conversations
    inner join times
        on conversations.conversation_id = times.conversation_id
    left join tickets
        on conversations.conversation_id = tickets.conversation_id
    left join events
        on tickets.source = events.source and tickets.ticket_id = events.ticket_id
    left join targets
        on conversations.conversation_id = targets.conversation_id

)

select
    conversation_id,
    sla_first_reply
from judged
where sla_first_reply is not null

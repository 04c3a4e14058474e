-- Grain: one row per conversation in scope: when it was first answered by a person, when it was solved, and how many
-- minutes that took, by the clock and by the schedule of its queue.
-- A reply is a public message of a person at work after the conversation was opened; bots and triggers do not answer.
-- awaited_until is what an SLA's clock runs to: the reply, else the end of the conversation, else what is loaded.
{{ config(materialized='table') }}

with

conversations as (

    select * from {{ ref('fct_conversations') }} where is_in_scope

),

-- where the first message of a person at work opened the conversation, the reply is a later one
opened_by_agents as (

    select
        conversations.conversation_id,
        min(messages.sent_at) as first_reply_at
    from {{ ref('fct_messages') }} as messages
    inner join conversations
        on messages.conversation_id = conversations.conversation_id
            and conversations.first_agent_reply_at <= conversations.opened_at
            and messages.sent_at > conversations.opened_at
    where messages.author_role = 'agent'
    group by all

),

times as (

    select
        conversations.conversation_id,
        coalesce(queue_schedules.schedule, '{{ var("default_schedule") }}') as schedule,
        conversations.opened_at,
        case
            when conversations.first_agent_reply_at > conversations.opened_at then conversations.first_agent_reply_at
            else opened_by_agents.first_reply_at
        end as first_reply_at,
        case when conversations.status in ('solved', 'closed') then conversations.solved_at end as resolved_at,
        coalesce(
            case
                when conversations.first_agent_reply_at > conversations.opened_at
                    then conversations.first_agent_reply_at
                else opened_by_agents.first_reply_at
            end,
            case when conversations.status in ('solved', 'closed') then conversations.solved_at else loaded_sources.loaded_until end
        ) as awaited_until
    from conversations
    left join opened_by_agents
        on conversations.conversation_id = opened_by_agents.conversation_id
    left join {{ ref('queue_schedules') }} as queue_schedules
        on conversations.queue = queue_schedules.queue
    left join {{ ref('loaded_sources') }} as loaded_sources
        on conversations.source = loaded_sources.source

),

-- a moment that nobody can have meant must not make a calendar of ten thousand years
days as (

    select
        greatest(min(opened_at)::date - 1, date '1990-01-01') as first_day,
        least(max(greatest(opened_at, resolved_at, awaited_until))::date + 1, date '2099-12-31') as last_day
    from times

),

hours as (

    {{ opening_hours(ref('schedules'), ref('holidays'), 'days') }}

)

select
    times.conversation_id,
    times.schedule,
    times.first_reply_at,
    times.resolved_at,
    (epoch_us(times.first_reply_at) - epoch_us(times.opened_at)) / 60e6 as first_reply_minutes,
    case when times.first_reply_at is not null then {{ business_minutes('times.opened_at', 'at_opening', 'times.awaited_until', 'at_reply') }} end
        as first_reply_business_minutes,
    (epoch_us(times.resolved_at) - epoch_us(times.opened_at)) / 60e6 as full_resolution_minutes,
    {{ business_minutes('times.opened_at', 'at_opening', 'times.resolved_at', 'at_resolution') }}
        as full_resolution_business_minutes,
    (epoch_us(times.awaited_until) - epoch_us(times.opened_at)) / 60e6 as awaited_minutes,
    {{ business_minutes('times.opened_at', 'at_opening', 'times.awaited_until', 'at_reply') }} as awaited_business_minutes
from times
asof left join hours as at_opening
    on times.schedule = at_opening.schedule and times.opened_at >= at_opening.starts_at
asof left join hours as at_reply
    on times.schedule = at_reply.schedule and times.awaited_until >= at_reply.starts_at
asof left join hours as at_resolution
    on times.schedule = at_resolution.schedule and times.resolved_at >= at_resolution.starts_at

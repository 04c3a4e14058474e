-- Grain: one row per touched ticket, in the words every source shares.
with

tickets as (

    select * from {{ ref('stg_zendesk__tickets') }}

),

changes as (

    select * from {{ ref('stg_zendesk__field_changes') }}

),

history as (

    select
        changes.source,
        changes.ticket_id,
        max(changes.changed_at) filter (
            where changes.field = 'status' and changes.value in ('solved', 'closed')
                and coalesce(changes.previous_value, '') not in ('solved', 'closed')
        ) as solved_at,
        -- closed is final, so a reopen starts from solved
        count(*) filter (
            where changes.field = 'status' and changes.previous_value = 'solved'
                and changes.value in ('new', 'open', 'pending', 'hold')
        ) as reopens,
        -- the first assignment is not a handoff
        count(*) filter (
            where changes.field = 'assignee_id' and changes.previous_value is not null
                and changes.value is not null
        ) as handoffs
    from changes
    inner join tickets
        on changes.source = tickets.source and changes.ticket_id = tickets.ticket_id
    group by all

),

ratings as (

    select
        ratings.source,
        ratings.ticket_id,
        -- an offer has no time of an answer, so it stands only where nobody answered
        {{ of_latest('ratings.score', ['ratings.answered_at'], 'ratings.record_hash') }} as score,
        max(ratings.answered_at) as answered_at
    from {{ ref('stg_zendesk__ratings') }} as ratings
    semi join tickets
        on ratings.source = tickets.source and ratings.ticket_id = tickets.ticket_id
    group by all

),

users as (

    select * from {{ ref('stg_zendesk__users') }}

),

queues as (

    select * from {{ ref('stg_zendesk__groups') }}

)

select
    tickets.conversation_id,
    tickets.source,
    tickets.ticket_id::varchar as source_id,
    replace(replace(tickets.url, '/api/v2/tickets/', '/agent/tickets/'), '.json', '') as url,
    tickets.created_at as opened_at,
    tickets.updated_at,
    case when tickets.status in ('solved', 'closed') then coalesce(history.solved_at, tickets.updated_at) end
        as solved_at,
    tickets.status as raw_status,
    tickets.via.channel as raw_channel,
    queues.group_name as queue,
    requesters.locale as raw_language,
    null::varchar as segment,
    tickets.requester_id::varchar as customer_id,
    tickets.organization_id::varchar as organization_id,
    tickets.subject,
    coalesce(tickets.tags, []) as tags,
    coalesce(tickets.status = 'deleted' or tickets.subject = 'SCRUBBED', false) as is_deleted,
    coalesce(tickets.via.source.rel = 'merge', false) as is_merged,
    false as is_spam,
    coalesce(tickets.via.channel = 'sample_ticket', false) as is_test,
    coalesce(
        tickets.submitter_id != tickets.requester_id and submitters.is_agent and not submitters.is_bot, false
    ) as is_outbound,
    coalesce(requesters.is_suspended, false) as is_suspended,
    coalesce(history.reopens, 0)::bigint as reopens,
    coalesce(history.handoffs, 0)::bigint as handoffs,
    coalesce(
        nullif(ratings.score, 'offered'),
        case
            when tickets.satisfaction_rating ->> '$.score' not in ('unoffered', 'null')
                then tickets.satisfaction_rating ->> '$.score'
        end,
        ratings.score,
        nullif(tickets.satisfaction_rating ->> '$.score', 'null')
    ) as raw_csat,
    ratings.answered_at as csat_answered_at,
    null::boolean as is_sla_met
from tickets
left join history
    on tickets.source = history.source and tickets.ticket_id = history.ticket_id
left join ratings
    on tickets.source = ratings.source and tickets.ticket_id = ratings.ticket_id
left join users as requesters
    on tickets.source = requesters.source and tickets.requester_id = requesters.user_id
left join users as submitters
    on tickets.source = submitters.source and tickets.submitter_id = submitters.user_id
left join queues
    on tickets.source = queues.source and tickets.group_id = queues.group_id

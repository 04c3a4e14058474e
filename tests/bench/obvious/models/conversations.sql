with message_counts as (

    select
        conversation_id,
        count(*) as messages,
        count(*) filter (where author_role = 'customer') as customer_messages,
        count(*) filter (where author_role = 'agent') as agent_messages,
        count(*) filter (where author_role = 'bot') as bot_messages,
        min(message_no) filter (where author_role = 'customer') as first_customer_message_no,
        min(sent_at) filter (where author_role = 'agent') as first_agent_reply_at
    from {{ ref('messages') }}
    group by conversation_id

),

ratings as (

    select ticket_id, arg_max(case when starts_with(score, 'good') then 'good' else 'bad' end, updated_at) as score
    from {{ ref('stg_ratings') }}
    where score <> 'offered'
    group by ticket_id

),

tag_meanings as (

    select
        ticket_tags.ticket_id,
        bool_or(raw_tags.exclusion_reason = 'merged') as is_merged,
        bool_or(raw_tags.exclusion_reason = 'spam') as is_spam,
        bool_or(raw_tags.exclusion_reason = 'test') as is_test,
        bool_or(raw_tags.exclusion_reason = 'suspended') as is_suspended,
        bool_or(raw_tags.exclusion_reason = 'outbound') as is_outbound,
        min(raw_tags.language) as language
    from {{ ref('ticket_tags') }} as ticket_tags
    inner join {{ ref('raw_tags') }} as raw_tags
        on ticket_tags.raw_tag = raw_tags.raw_tag
    group by ticket_tags.ticket_id

)

select
    'zendesk:' || tickets.id as conversation_id,
    tickets.id as ticket_id,
    'zendesk' as source,
    tickets.id::varchar as source_id,
    replace(replace(tickets.url, '/api/v2/tickets/', '/agent/tickets/'), '.json', '') as url,
    tickets.created_at as opened_at,
    tickets.created_at::date as opened_on,
    tickets.updated_at,
    case when tickets.status in ('solved', 'closed') then coalesce(history.solved_at, tickets.updated_at) end as solved_at,
    coalesce(statuses.status, 'unknown') as status,
    coalesce(channels.channel, 'unknown') as channel,
    coalesce(queues.name, 'unassigned') as queue,
    coalesce(tag_meanings.language, languages.language, 'unknown') as language,
    coalesce(accounts.segment, 'unknown') as segment,
    tickets.requester_id::varchar as customer_id,
    tickets.organization_id::varchar as organization_id,
    tickets.subject,
    case
        when tickets.status = 'deleted' or tickets.subject = 'SCRUBBED' then 'deleted'
        when tickets.via.source.rel = 'merge' or tag_meanings.is_merged then 'merged'
        when tag_meanings.is_spam then 'spam'
        when tickets.via.channel = 'sample_ticket' or tag_meanings.is_test then 'test'
        when requesters.is_suspended or tag_meanings.is_suspended then 'suspended'
        when (tickets.submitter_id != tickets.requester_id and submitters.is_agent and not submitters.is_bot)
            or tag_meanings.is_outbound then 'outbound'
    end as exclusion_reason,
    exclusion_reason is null as is_in_scope,
    coalesce(ratings.score, tickets.satisfaction_rating.score) as raw_csat,
    coalesce(history.reopens, 0) as reopens,
    coalesce(history.handoffs, 0) as handoffs,
    coalesce(message_counts.messages, 0) as messages,
    coalesce(message_counts.customer_messages, 0) as customer_messages,
    coalesce(message_counts.agent_messages, 0) as agent_messages,
    coalesce(message_counts.bot_messages, 0) as bot_messages,
    message_counts.first_customer_message_no,
    message_counts.first_agent_reply_at
from {{ ref('tickets') }} as tickets
left join ratings
    on tickets.id = ratings.ticket_id
left join tag_meanings
    on tickets.id = tag_meanings.ticket_id
left join message_counts
    on 'zendesk:' || tickets.id = message_counts.conversation_id
left join {{ ref('history') }} as history
    on tickets.id = history.ticket_id
left join {{ ref('users') }} as requesters
    on tickets.requester_id = requesters.id
left join {{ ref('users') }} as submitters
    on tickets.submitter_id = submitters.id
left join {{ ref('stg_groups') }} as queues
    on tickets.group_id = queues.id
left join {{ ref('stg_accounts') }} as accounts
    on tickets.organization_id = accounts.organization_id
left join {{ ref('statuses') }} as statuses
    on {{ lookup_key('tickets.status') }} = statuses.raw_status
left join {{ ref('channels') }} as channels
    on {{ lookup_key('tickets.via.channel') }} = channels.raw_channel
left join {{ ref('languages') }} as languages
    on {{ lookup_key('requesters.locale') }} = languages.raw_language

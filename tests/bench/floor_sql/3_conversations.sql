-- One row per ticket with its meaning decided: channel, queue, language, segment, complexity, exclusion.
create temp table raw_tags as
with

received as (

    select distinct unnest(tags) as raw_tag from tickets

),

normalised as (

    select raw_tag, {{ normalise_raw_tag('raw_tag') }} as normalised_tag
    from received
    where raw_tag is not null

)

select
    normalised.raw_tag,
    normalised.normalised_tag,
    min(machine_tags.meaning) as machine_meaning,
    min(machine_tags.exclusion_reason) as exclusion_reason,
    min(languages.language) as language
from normalised
left join machine_tags
    on regexp_matches(normalised.normalised_tag, machine_tags.pattern)
left join languages
    on machine_tags.meaning = 'language'
        and languages.raw_language = replace(regexp_replace(normalised.normalised_tag, '^lang(uage)?_', ''), '_', '-')
group by all;

create temp table machine_words as
select
{%- for reason in ['merged', 'spam', 'test', 'suspended', 'outbound'] %}
    coalesce(list(raw_tag) filter (where exclusion_reason = '{{ reason }}'), []) as {{ reason }},
{%- endfor %}
    coalesce(list(raw_tag) filter (where language is not null), []) as languages,
    coalesce(map_from_entries(list((raw_tag, language)) filter (where language is not null)), map {}) as language_of
from raw_tags;

create temp table conversations as
with

message_counts as (

    select
        conversation_id,
        count(*) as messages,
        count(*) filter (where author_role = 'customer') as customer_messages,
        count(*) filter (where author_role = 'agent') as agent_messages,
        count(*) filter (where author_role = 'bot') as bot_messages,
        min(message_no) filter (where author_role = 'customer') as first_customer_message_no,
        min(sent_at) filter (where author_role = 'agent') as first_agent_reply_at
    from candidate.marts.fct_messages
    group by all

)

select
    'zendesk:' || tickets.id as conversation_id,
    'zendesk' as source,
    tickets.id::varchar as source_id,
    replace(replace(tickets.url, '/api/v2/tickets/', '/agent/tickets/'), '.json', '') as url,
    tickets.created_at as opened_at,
    (tickets.created_at at time zone 'UTC')::date as opened_on,
    tickets.updated_at,
    case when tickets.status in ('solved', 'closed') then coalesce(history.solved_at, tickets.updated_at) end as solved_at,
    coalesce(statuses.status, 'unknown') as status,
    coalesce(channels.channel, 'unknown') as channel,
    coalesce(queues.queue, 'unassigned') as queue,
    coalesce(
        machine_words.language_of[list_intersect(tickets.tags, machine_words.languages)[1]],
        languages.language,
        'unknown'
    ) as language,
    coalesce(accounts.segment, 'unknown') as segment,
    tickets.requester_id::varchar as customer_id,
    tickets.organization_id::varchar as organization_id,
    tickets.subject,
    coalesce(tickets.tags, []) as tags,
    case
        when tickets.status = 'deleted' or tickets.subject = 'SCRUBBED' then 'deleted'
        when tickets.via.source.rel = 'merge' or list_has_any(tickets.tags, machine_words.merged) then 'merged'
        when list_has_any(tickets.tags, machine_words.spam) then 'spam'
        when tickets.via.channel = 'sample_ticket' or list_has_any(tickets.tags, machine_words.test) then 'test'
        when requesters.is_suspended or list_has_any(tickets.tags, machine_words.suspended) then 'suspended'
        when (tickets.submitter_id != tickets.requester_id and submitters.is_agent and not submitters.is_bot)
            or list_has_any(tickets.tags, machine_words.outbound) then 'outbound'
    end as exclusion_reason,
    exclusion_reason is null as is_in_scope,
    coalesce(ratings.score, nullif(tickets.satisfaction_rating.score, 'null')) as raw_csat,
    coalesce(history.reopens, 0) as reopens,
    coalesce(history.handoffs, 0) as handoffs,
    coalesce(message_counts.messages, 0) as messages,
    coalesce(message_counts.customer_messages, 0) as customer_messages,
    coalesce(message_counts.agent_messages, 0) as agent_messages,
    coalesce(message_counts.bot_messages, 0) as bot_messages,
    message_counts.first_customer_message_no,
    message_counts.first_agent_reply_at
from tickets
cross join machine_words
left join message_counts
    on 'zendesk:' || tickets.id = message_counts.conversation_id
left join history
    on tickets.id = history.ticket_id
left join ratings
    on tickets.id = ratings.ticket_id
left join users as requesters
    on tickets.requester_id = requesters.user_id
left join users as submitters
    on tickets.submitter_id = submitters.user_id
left join queues
    on tickets.group_id = queues.group_id
left join accounts
    on tickets.organization_id = accounts.organization_id
left join statuses
    on lower(trim(tickets.status)) = statuses.raw_status
left join channels
    on lower(trim(tickets.via.channel)) = channels.raw_channel
left join languages
    on lower(trim(requesters.locale)) = languages.raw_language;

drop table tickets;

-- Grain: one row per conversation this run has to build.
-- A conversation is touched by any new record that speaks of it: its own, a comment, an audit, a rating, its
-- requester, an author who turns out to be an agent, its organization's account, its queue's name; and by
-- an answer to a signal that nobody had given when it was built.
-- is_changed: touched by an export that some model has not seen. Others are here because the code or
-- the taxonomy of a model changed, and that model builds them all again.
{{ config(materialized='table') }}
{%- set seen = seen_by_every_conversation_model() %}

with

tickets as (

    select * from {{ ref('stg_zendesk__latest_tickets') }}

),

csv_conversations as (

    select * from {{ ref('stg_csv__latest_conversations') }}

),

intercom_conversations as (

    select * from {{ ref('stg_intercom__latest_conversations') }}

)

{%- if seen is none %}

select conversation_id, true as is_changed from tickets
union
select conversation_id, true as is_changed from csv_conversations
union
select conversation_id, true as is_changed from intercom_conversations

{%- else %}
,

new_comments as (

    select source, ticket_id from {{ source('zendesk', 'comments') }} where export_seq > {{ seen }}
    union
    select source, ticket_id from {{ source('zendesk', 'audits') }} where export_seq > {{ seen }}
    union
    select source, ticket_id from {{ source('zendesk', 'satisfaction_ratings') }} where export_seq > {{ seen }}

),

new_users as (

    select distinct source, id::bigint as user_id
    from {{ source('zendesk', 'users') }}
    where export_seq > {{ seen }}

),

-- an agent from an export not seen yet: by role, or by being assigned a ticket
agents as (

    select source, id::bigint as user_id, min(export_seq) as first_seq
    from {{ source('zendesk', 'users') }}
    where role in ('agent', 'admin')
    group by all
    union all
    select source, assignee_id as user_id, min(export_seq) as first_seq
    from {{ source('zendesk', 'tickets') }}
    where assignee_id is not null
    group by all

),

new_agents as (

    select source, user_id
    from agents
    group by all
    having min(first_seq) > {{ seen }}

),

-- inner: empty unless someone became an agent, and then every text they may have written is looked through
authored as (

    select distinct
        written.source,
        written.id::bigint as ticket_id
    from (
        select source, id, unnest(comments).author_id as author_id
        from {{ source('zendesk', 'tickets') }}
        where exists (select 1 from new_agents)
        union all
        select source, ticket_id::varchar as id, author_id
        from {{ source('zendesk', 'comments') }}
    ) as written
    inner join new_agents
        on written.source = new_agents.source and written.author_id = new_agents.user_id

),

new_groups as (

    select distinct source, id::bigint as group_id
    from {{ source('zendesk', 'groups') }}
    where export_seq > {{ seen }}

),

new_accounts as (

    select distinct organization as organization_id
    from {{ source('billing', 'accounts') }}
    where export_seq > {{ seen }}

),

changed as (

    select conversation_id from tickets where last_seen_seq > {{ seen }}
    union
    select conversation_id from csv_conversations where last_seen_seq > {{ seen }}
    union
    select conversation_id from intercom_conversations where last_seen_seq > {{ seen }}
    union
    select tickets.conversation_id
    from tickets
    inner join new_comments
        on tickets.source = new_comments.source and tickets.ticket_id = new_comments.ticket_id
    union
    select tickets.conversation_id
    from tickets
    inner join new_users
        on tickets.source = new_users.source and tickets.requester_id = new_users.user_id
    union
    select tickets.conversation_id
    from tickets
    inner join new_agents
        on tickets.source = new_agents.source and tickets.submitter_id = new_agents.user_id
    union
    select tickets.conversation_id
    from tickets
    inner join authored
        on tickets.source = authored.source and tickets.ticket_id = authored.ticket_id
    union
    select tickets.conversation_id
    from tickets
    inner join new_groups
        on tickets.source = new_groups.source and tickets.group_id = new_groups.group_id
    union
    select tickets.conversation_id
    from tickets
    inner join new_accounts
        on tickets.organization_id::varchar = new_accounts.organization_id
    union
    select csv_conversations.conversation_id
    from csv_conversations
    inner join new_accounts
        on csv_conversations.organization_id = new_accounts.organization_id
    union
    select conversation_id from {{ source('loads', 'newly_answered') }}

)

{%- if any_conversation_model_is_stale() %}
,

everything as (

    select conversation_id from tickets
    union
    select conversation_id from csv_conversations
    union
    select conversation_id from intercom_conversations

)

select
    everything.conversation_id,
    changed.conversation_id is not null as is_changed
from everything
left join changed
    on everything.conversation_id = changed.conversation_id

{%- else %}

select conversation_id, true as is_changed from changed

{%- endif %}
{%- endif %}

-- Grain: one row per conversation whose requester is described anew, or in which somebody wrote, or which
-- somebody opened, who turns out to be an agent or a bot.
with

tickets as (

    select * from {{ ref('stg_zendesk__latest_tickets') }}

),

comments as (

    select source, ticket_id, author_id from {{ source('zendesk', 'comments') }}
    union all
    select source, ticket_id, author_id from {{ ref('stg_zendesk__audit_comments') }}

),

users as (

    select * from {{ ref('stg_zendesk__changed_users') }}

),

in_new_role as (

    select * from users where is_in_new_role

),

-- by the ids kept beside each ticket: its texts are not read again
authors as (

    select
        conversation_id,
        source,
        unnest(author_ids) as user_id
    from tickets

)

select tickets.conversation_id
from tickets
inner join users
    on tickets.source = users.source and tickets.requester_id = users.user_id
where users.is_described_anew
union
select tickets.conversation_id
from tickets
inner join in_new_role
    on tickets.source = in_new_role.source and tickets.submitter_id = in_new_role.user_id
union
select authors.conversation_id
from authors
inner join in_new_role
    on authors.source = in_new_role.source and authors.user_id = in_new_role.user_id
union
select tickets.conversation_id
from comments
inner join in_new_role
    on comments.source = in_new_role.source and comments.author_id = in_new_role.user_id
inner join tickets
    on comments.source = tickets.source and comments.ticket_id = tickets.ticket_id

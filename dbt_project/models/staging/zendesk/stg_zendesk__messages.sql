-- Grain: one row per message of a touched ticket, private notes included with a body of null:
-- what agents tell each other never leaves staging as text. A comment is public only if it says so.
with

tickets as (

    select
        conversation_id,
        source,
        ticket_id,
        export_seq,
        requester_id,
        submitter_id,
        created_at,
        description,
        comments
    from {{ ref('stg_zendesk__tickets') }}

),

received as (

    select
        source,
        ticket_id,
        export_seq,
        {
            'id': comment_id,
            'author_id': author_id,
            'public': is_public,
            'body': body,
            'created_at': created_at,
            'via': {'channel': channel}
        } as comment
    from {{ ref('stg_zendesk__comments') }}

),

received_apart as (

    select
        source,
        ticket_id,
        list(comment) as comments,
        map_from_entries(list((comment.id, comment))) as by_id,
        map_from_entries(list((comment.id, export_seq))) as export_seqs
    from received
    group by all

),

-- A ticket received without comments still holds its first message: its description. Of comments received apart
-- that first message is the one with the same words, or one written with the ticket by who asked or who opened it;
-- a private note written then is the description itself, and is not published as one.
-- Of a comment received both ways the newest stands, and what was ever private stays private.
joined as (

    select
        tickets.conversation_id,
        tickets.source,
        tickets.requester_id,
        case
            when len(coalesce(tickets.comments, [])) = 0 and (
                received_apart.comments is null
                or (tickets.description != '' and len(list_filter(
                    received_apart.comments,
                    lambda apart: trim(apart.body) = trim(tickets.description) or (
                        apart.created_at <= tickets.created_at + interval 5 second
                        and (not apart.public or apart.author_id in (tickets.requester_id, tickets.submitter_id))
                    )
                )) = 0)
            )
                then list_concat(
                    [{
                        'id': 0::bigint,
                        'author_id': tickets.requester_id,
                        'public': true,
                        'body': tickets.description,
                        'created_at': tickets.created_at,
                        'via': {'channel': null::varchar}
                    }],
                    received_apart.comments
                )
            when received_apart.comments is null then tickets.comments
            else list_concat(
                list_transform(coalesce(tickets.comments, []), lambda inside: struct_update(
                    case
                        when received_apart.export_seqs[inside.id] > tickets.export_seq
                            then received_apart.by_id[inside.id]
                        else inside
                    end,
                    public := coalesce(inside.public, false)
                        and coalesce(received_apart.by_id[inside.id].public, true)
                )),
                list_filter(
                    received_apart.comments,
                    lambda apart: not list_contains(
                        list_transform(coalesce(tickets.comments, []), lambda inside: inside.id), apart.id
                    )
                )
            )
        end as comments
    from tickets
    left join received_apart
        on tickets.source = received_apart.source and tickets.ticket_id = received_apart.ticket_id

),

-- public messages first, in order of time: so their place in the list is their number
ordered as (

    select
        conversation_id,
        source,
        requester_id,
        list_sort(list_transform(comments, lambda comment: {
            'is_private': not coalesce(comment.public, false),
            'sent_at': comment.created_at,
            'message_id': comment.id,
            'author_id': comment.author_id,
            'channel': comment.via.channel,
            'body': comment.body
        })) as messages
    from joined

),

numbered as (

    select
        conversation_id,
        source,
        requester_id,
        generate_subscripts(messages, 1) as message_no,
        unnest(messages) as message
    from ordered

),

authors as (

    select * from {{ ref('stg_zendesk__users') }}

)

select
    numbered.conversation_id,
    numbered.message_no::integer as message_no,
    case
        when coalesce(authors.is_bot, false) or numbered.message.channel in ('chat_bot', 'answer_bot') then 'bot'
        when numbered.message.author_id <= 0 or numbered.message.channel in ('rule', 'system') then 'system'
        when coalesce(authors.is_agent, false) then 'agent'
        -- the requester, or a colleague of theirs on copy
        else 'customer'
    end as author_role,
    numbered.message.author_id::varchar as author_id,
    not numbered.message.is_private as is_public,
    numbered.message.sent_at,
    case when not numbered.message.is_private then numbered.message.body end as body
from numbered
left join authors
    on numbered.source = authors.source and numbered.message.author_id = authors.user_id

with comments as (

    select id as ticket_id, unnest(comments) as comment from {{ ref('tickets') }}
    where len(comments) > 0

),

all_messages as (

    select
        ticket_id,
        comment.id as id,
        comment.author_id as author_id,
        comment.public as is_public,
        comment.body as body,
        comment.created_at as sent_at,
        comment.via.channel as channel
    from comments
    union all
    -- a ticket without comments still holds its first message
    select id, 0, requester_id, true, description, created_at, null
    from {{ ref('tickets') }}
    where coalesce(len(comments), 0) = 0

)

select
    'zendesk:' || all_messages.ticket_id as conversation_id,
    row_number() over (partition by all_messages.ticket_id order by sent_at, all_messages.id)::integer as message_no,
    case
        when coalesce(users.is_bot, false) or channel in ('chat_bot', 'answer_bot') then 'bot'
        when author_id <= 0 or channel in ('rule', 'system') then 'system'
        when coalesce(users.is_agent, false) then 'agent'
        else 'customer'
    end as author_role,
    sent_at,
    body
from all_messages
left join {{ ref('users') }} as users
    on all_messages.author_id = users.id
where is_public

-- Texts go from the export to the mart in one stream: public messages of the latest version, numbered
-- in order of time, masked.
create table candidate.marts.fct_messages as
with

received as (

    select ticket.*
    from read_json(
        '{{ exports }}/zendesk/tickets*', format = 'newline_delimited', sample_size = 1, columns = {
        'ticket': 'struct(id bigint, generated_timestamp bigint, updated_at timestamptz, requester_id bigint,
            created_at timestamptz, description varchar,
            comments struct(created_at timestamptz, id bigint, author_id bigint, public boolean, body varchar,
                via struct(channel varchar))[])'
    })

),

latest as (

    select
        received.id,
        case
            -- a ticket without comments still holds its first message
            when len(coalesce(received.comments, [])) = 0 then [{
                'created_at': received.created_at, 'id': 0::bigint, 'author_id': received.requester_id,
                'public': true, 'body': received.description, 'via': {'channel': null::varchar}
            }]
            else list_sort(list_filter(received.comments, lambda comment: comment.public))
        end as messages
    from received
    inner join tickets
        on received.id = tickets.id
            and received.generated_timestamp is not distinct from tickets.generated_timestamp
            and received.updated_at is not distinct from tickets.updated_at

),

numbered as (

    select
        id,
        generate_subscripts(messages, 1)::integer as message_no,
        unnest(messages) as message
    from latest

),

messages as (

    select
        'zendesk:' || numbered.id as conversation_id,
        numbered.message_no,
        case
            when coalesce(users.is_bot, false) or numbered.message.via.channel in ('chat_bot', 'answer_bot') then 'bot'
            when numbered.message.author_id <= 0 or numbered.message.via.channel in ('rule', 'system') then 'system'
            when coalesce(users.is_agent, false) then 'agent'
            else 'customer'
        end as author_role,
        numbered.message.created_at as sent_at,
        numbered.message.body
    from numbered
    left join users
        on numbered.message.author_id = users.user_id

)

select
    conversation_id,
    message_no,
    author_role,
    sent_at,
    {{ mask_personal_data('body') }} as body
from {{ mask_names_and_addresses('messages', 'body') }};

delete from candidate.marts.fct_messages
where rowid in (
    select unnest(list(rowid)[2:])
    from candidate.marts.fct_messages
    where conversation_id in (select 'zendesk:' || id from versions where place = 1 and copies > 1)
    group by conversation_id, message_no
);

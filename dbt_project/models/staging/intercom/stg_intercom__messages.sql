-- Grain: one row per message of a touched Intercom conversation, notes included with a body of null.
-- The first message is in the conversation's source, the others in its parts; parts that only record
-- an assignment or a change of state have no body and are not messages.
-- Customers see comments, and what is said when a conversation is closed, assigned or opened again: Intercom's
-- API reference calls that body a response in the conversation ("Manage a conversation"). Notes and types it does
-- not name so are private: a type added tomorrow must not show customers what colleagues told each other.
{%- set public_parts = "('comment', 'close', 'assignment', 'open')" %}
with

records as (

    select * from {{ ref('stg_intercom__records') }}

),

first_messages as (

    select
        conversation_id,
        0 as part_no,
        'comment' as part_type,
        conversation_source.author.type as author_type,
        conversation_source.author.id as author_id,
        created_at,
        conversation_source.body as body
    from records

),

unnested as (

    select
        conversation_id,
        generate_subscripts(conversation_parts.conversation_parts, 1) as part_no,
        unnest(conversation_parts.conversation_parts) as part
    from records

),

parts as (

    select
        conversation_id,
        part_no,
        part.part_type as part_type,
        part.author.type as author_type,
        part.author.id as author_id,
        part.created_at as created_at,
        case when not coalesce(part.redacted, false) then part.body end as body
    from unnested

),

messages as (

    select * from first_messages
    union all
    select * from parts

),

judged as (

    select
        *,
        coalesce(part_type in {{ public_parts }}, false) as is_public
    from messages

)

select
    conversation_id,
    (row_number() over (partition by conversation_id order by not is_public, created_at, part_no))::integer
        as message_no,
    case
        when author_type = 'bot' then 'bot'
        when author_type in ('admin', 'team') then 'agent'
        when author_type in ('user', 'lead', 'contact') then 'customer'
        else 'system'
    end as author_role,
    author_id,
    is_public,
    to_timestamp(created_at) as sent_at,
    case when is_public then {{ strip_html('body') }} end as body
from judged
where body is not null or part_type = 'note'

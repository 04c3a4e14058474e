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

-- Grain: one row per comment of a touched ticket that was received apart from it, as a record of its own or in an
-- audit: the last record received, because a comment is received again when it was redacted; an audit still holds
-- the text of before and stands behind every record. What was ever private stays private, and what does not say
-- that it is public is.
with

touched as (

    select * from {{ ref('touched_conversations') }}

),

tickets as (

    select * from {{ ref('stg_zendesk__latest_tickets') }}

),

received as (

    select
        source,
        ticket_id,
        id::bigint as comment_id,
        author_id,
        public as is_public,
        body,
        created_at,
        via.channel as channel,
        export_seq,
        position
    from {{ source('zendesk', 'comments') }}
    union all
    select
        source,
        ticket_id,
        comment_id,
        author_id,
        is_public,
        body,
        created_at,
        null::varchar as channel,
        -- before any export: its text never stands where another was received
        0 as export_seq,
        position
    from {{ ref('stg_zendesk__audit_comments') }}

)

select
    received.source,
    received.ticket_id,
    received.comment_id,
    received.author_id,
    bool_and(coalesce(received.is_public, false)) over (
        partition by received.source, received.ticket_id, received.comment_id
    ) as is_public,
    received.body,
    received.created_at,
    received.channel,
    received.export_seq
from touched
inner join tickets
    on touched.conversation_id = tickets.conversation_id
inner join received
    on tickets.source = received.source and tickets.ticket_id = received.ticket_id
qualify row_number() over (
    partition by received.source, received.ticket_id, received.comment_id
    order by received.export_seq desc, received.position desc
) = 1

-- Grain: one row per touched ticket of which comments were received apart: each comment as it was received last,
-- because a comment is received again when it was redacted. What was ever private stays private.
with

touched as (

    select * from {{ ref('touched_conversations') }}

),

tickets as (

    select * from {{ ref('stg_zendesk__latest_tickets') }}

),

records as (

    select * from {{ source('zendesk', 'comments') }}

),

newest as (

    select
        tickets.conversation_id,
        records.export_seq,
        {
            'id': records.id::bigint,
            'author_id': records.author_id,
            'public': bool_and(coalesce(records.public, true)) over (
                partition by tickets.conversation_id, records.id
            ),
            'body': records.body,
            'created_at': records.created_at,
            'via': records.via
        } as comment
    from touched
    inner join tickets
        on touched.conversation_id = tickets.conversation_id
    inner join records
        on tickets.source = records.source and tickets.ticket_id = records.ticket_id
    qualify row_number() over (
        partition by tickets.conversation_id, records.id
        order by records.export_seq desc, records.position desc
    ) = 1

)

select
    conversation_id,
    list(comment) as comments,
    map_from_entries(list((comment.id, comment))) as by_id,
    map_from_entries(list((comment.id, export_seq))) as export_seqs
from newest
group by all

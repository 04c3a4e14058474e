-- Grain: one row per comment of a touched ticket that was received apart from it: the last version received,
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

)

select
    records.source,
    records.ticket_id,
    records.id::bigint as comment_id,
    records.author_id,
    bool_and(coalesce(records.public, true)) over (
        partition by records.source, records.ticket_id, records.id
    ) as is_public,
    records.body,
    records.created_at,
    records.via.channel as channel,
    records.export_seq
from touched
inner join tickets
    on touched.conversation_id = tickets.conversation_id
inner join records
    on tickets.source = records.source and tickets.ticket_id = records.ticket_id
qualify row_number() over (
    partition by records.source, records.ticket_id, records.id
    order by records.export_seq desc, records.position desc
) = 1

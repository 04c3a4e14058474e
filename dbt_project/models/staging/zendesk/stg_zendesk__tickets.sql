-- Grain: one row per touched ticket, latest version, as the source wrote it.
with

touched as (

    select * from {{ ref('touched_conversations') }}

),

latest as (

    select * from {{ ref('stg_zendesk__latest_tickets') }}

),

records as (

    select * from {{ source('zendesk', 'tickets') }}

)

select
    latest.conversation_id,
    latest.ticket_id,
    records.* exclude (id, position, record_hash)
from touched
inner join latest
    on touched.conversation_id = latest.conversation_id
inner join records
    on latest.export_seq = records.export_seq and latest.position = records.position

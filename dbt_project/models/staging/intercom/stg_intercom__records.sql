-- Grain: one row per touched Intercom conversation, latest version, as the source wrote it.
with

touched as (

    select * from {{ ref('touched_conversations') }}

),

latest as (

    select * from {{ ref('stg_intercom__latest_conversations') }}

),

records as (

    select * from {{ source('intercom', 'conversations') }}

)

select
    latest.conversation_id,
    records.* exclude (export_seq, position, record_hash)
from touched
inner join latest
    on touched.conversation_id = latest.conversation_id
inner join records
    on latest.export_seq = records.export_seq and latest.position = records.position

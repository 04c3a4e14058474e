-- Grain: one row per ticket: where its latest version stands in raw.
-- Latest by generated_timestamp, the only cursor that moves on every change; then updated_at; then
-- the record's own hash, so that equal clocks give the same winner in any order of loading.
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='conversation_id') }}

with

changed as (

    select distinct source, id
    from {{ source('zendesk', 'tickets') }}
    where {{ new_exports() }}

),

versions as (

    select tickets.*
    from {{ source('zendesk', 'tickets') }} as tickets
    {% if is_incremental() %}
    inner join changed
        on tickets.source = changed.source and tickets.id = changed.id
    {% endif %}

)

select
    source || ':' || id as conversation_id,
    source,
    id::bigint as ticket_id,
    requester_id,
    organization_id,
    submitter_id,
    group_id,
    export_seq,
    position,
    max(export_seq) over (partition by source, id) as last_seen_seq
from versions
qualify row_number() over (
    partition by source, id
    order by generated_timestamp desc nulls last, updated_at desc nulls last, record_hash desc
) = 1

-- Grain: one row per ticket: where its latest version stands in raw.
-- Latest by generated_timestamp, the only cursor that moves on every change; then updated_at; then
-- the record's own hash, so that equal clocks give the same winner in any order of loading.
-- Beside it stand the ids by which later exports may speak of the ticket.
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='conversation_id') }}

with

changed as (

    select distinct source, id
    from {{ source('zendesk', 'tickets') }}
    where {{ new_exports() }}

),

versions as (

    select
        tickets.*,
        -- kept, so that who wrote in a ticket can be asked without reading its texts; a ticket
        -- received without comments still holds its requester's description
        case
            when len(coalesce(tickets.comments, [])) = 0 then [tickets.requester_id]
            else list_distinct(list_transform(tickets.comments, lambda comment: comment.author_id))
        end as author_ids
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
    author_ids,
    export_seq,
    position,
    max(export_seq) over (partition by source, id) as last_seen_seq
from versions
qualify row_number() over (
    partition by source, id
    order by generated_timestamp desc nulls last, updated_at desc nulls last, record_hash desc
) = 1

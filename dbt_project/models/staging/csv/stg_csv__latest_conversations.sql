-- Grain: one row per conversation of a declared CSV: where its latest version stands in raw.
-- Latest by updated_at, then the version the source counts itself, then the record's own hash.
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='conversation_id') }}

with

changed as (

    select distinct source, id
    from {{ source('csv', 'conversations') }}
    where {{ new_exports() }}

),

versions as (

    select records.*
    from {{ source('csv', 'conversations') }} as records
    {% if is_incremental() %}
    inner join changed
        on records.source = changed.source and records.id = changed.id
    {% endif %}

)

select
    source || ':' || id as conversation_id,
    source,
    export_seq,
    position,
    list_distinct(list(customer) over (partition by source, id)) as customer_ids,
    opened_at,
    organization as organization_id,
    max(export_seq) over (partition by source, id) as last_seen_seq
from versions
qualify row_number() over (
    partition by source, id
    order by updated_at desc nulls last, version desc nulls last, record_hash desc
) = 1

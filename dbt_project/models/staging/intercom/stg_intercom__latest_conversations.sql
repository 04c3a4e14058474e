-- Grain: one row per Intercom conversation: where its latest version stands in raw.
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='conversation_id') }}

with

changed as (

    select distinct source, id
    from {{ source('intercom', 'conversations') }}
    where {{ new_exports() }}

),

versions as (

    select conversations.*
    from {{ source('intercom', 'conversations') }} as conversations
    {% if is_incremental() %}
    inner join changed
        on conversations.source = changed.source and conversations.id = changed.id
    {% endif %}

)

select
    source || ':' || id as conversation_id,
    source,
    export_seq,
    position,
    list_distinct(
        list(coalesce(contacts.contacts[1].id, conversation_source.author.id)) over (partition by source, id)
    ) as customer_ids,
    to_timestamp(created_at) as opened_at,
    max(export_seq) over (partition by source, id) as last_seen_seq
from versions
qualify row_number() over (partition by source, id order by updated_at desc nulls last, record_hash desc) = 1

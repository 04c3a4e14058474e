-- Grain: one row per conversation whose queue was renamed.
-- Each new record is compared with what was seen, not only the last: a killed run may have built on one between.
{%- set seen = seen_by_every_conversation_model() or 0 %}

with

tickets as (

    select * from {{ ref('stg_zendesk__latest_tickets') }}

),

groups as (

    select * from {{ source('zendesk', 'groups') }}

),

names_seen as (

    select
        source,
        id,
        {{ of_latest('name') }} as name
    from groups
    where export_seq <= {{ seen }}
    group by all

),

renamed as (

    select distinct
        groups.source,
        groups.id::bigint as group_id
    from groups
    left join names_seen
        on groups.source = names_seen.source and groups.id = names_seen.id
    where groups.export_seq > {{ seen }}
        and groups.name is distinct from names_seen.name

)

select tickets.conversation_id
from tickets
inner join renamed
    on tickets.source = renamed.source and tickets.group_id = renamed.group_id

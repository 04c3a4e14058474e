-- Grain: one row per conversation whose queue was renamed or whose organization's account is in another segment.
-- Each new record is compared with what was seen: a killed run may have built on one between.
{%- set seen = seen_by_every_conversation_model() or 0 %}

with

tickets as (

    select * from {{ ref('stg_zendesk__latest_tickets') }}

),

csv_conversations as (

    select * from {{ ref('stg_csv__latest_conversations') }}

),

groups as (

    select * from {{ source('zendesk', 'groups') }}

),

accounts as (

    select * from {{ source('billing', 'accounts') }}

),

group_names as (

    select
        source,
        id,
        arg_max(name, (updated_at, record_hash)) as name
    from groups
    where export_seq <= {{ seen }}
    group by all

),

renamed as (

    select distinct
        groups.source,
        groups.id::bigint as group_id
    from groups
    left join group_names
        on groups.source = group_names.source and groups.id = group_names.id
    where groups.export_seq > {{ seen }}
        and groups.name is distinct from group_names.name

),

segments as (

    select
        organization,
        arg_max(segment, (updated_at, started_at, record_hash)) as segment
    from accounts
    where export_seq <= {{ seen }}
    group by all

),

moved as (

    select distinct accounts.organization as organization_id
    from accounts
    left join segments
        on accounts.organization = segments.organization
    where accounts.export_seq > {{ seen }}
        and accounts.segment is distinct from segments.segment

)

select tickets.conversation_id
from tickets
inner join renamed
    on tickets.source = renamed.source and tickets.group_id = renamed.group_id
union
select tickets.conversation_id
from tickets
inner join moved
    on tickets.organization_id::varchar = moved.organization_id
union
select csv_conversations.conversation_id
from csv_conversations
inner join moved
    on csv_conversations.organization_id = moved.organization_id

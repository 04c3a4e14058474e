-- Grain: one row per change of status, assignee or group in a ticket's audits, the only record of
-- how a ticket came to be what it is.
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='audit_id') }}

with

audits as (

    select
        source,
        id,
        ticket_id,
        created_at,
        unnest(events) as event
    from {{ source('zendesk', 'audits') }}
    where {{ new_exports() }}

)

select
    source || ':' || id as audit_id,
    source,
    ticket_id,
    created_at as changed_at,
    event.field_name as field,
    event.previous_value ->> '$' as previous_value,
    event.value ->> '$' as value
from audits
where event.field_name in ('status', 'assignee_id', 'group_id')
    and event.type = 'Change'

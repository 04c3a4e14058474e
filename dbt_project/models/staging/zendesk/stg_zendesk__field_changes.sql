-- Grain: one row per change of status, assignee or group in a ticket's audits, the only record of
-- how a ticket came to be what it is. An audit received again stands in place of its earlier version.
{{ config(materialized='incremental', incremental_strategy='by_audit') }}

with

audits as (

    select * from {{ source('zendesk', 'audits') }} where {{ new_exports() }}

),

-- few, so finding them costs a count of ids and not a sort of all audits
received_again as (

    select
        source,
        id,
        max((export_seq, position)) as newest
    from audits
    group by all
    having count(*) > 1

),

events as (

    select
        audits.source,
        audits.id,
        audits.ticket_id,
        audits.created_at,
        unnest(audits.events) as event
    from audits
    left join received_again
        on audits.source = received_again.source and audits.id = received_again.id
    where received_again.id is null
        or (audits.export_seq, audits.position) = received_again.newest

)

select
    source || ':' || id as audit_id,
    source,
    ticket_id,
    created_at as changed_at,
    event.field_name as field,
    event.previous_value ->> '$' as previous_value,
    event.value ->> '$' as value
from events
where event.field_name in ('status', 'assignee_id', 'group_id')
    and event.type = 'Change'

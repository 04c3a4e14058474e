with events as (

    select distinct id, ticket_id, created_at, unnest(events) as event from {{ ref('stg_ticket_audits') }}

)

select
    ticket_id,
    created_at as changed_at,
    event.field_name as field,
    event.previous_value as previous_value,
    event.value as value
from events
where event.type = 'Change'

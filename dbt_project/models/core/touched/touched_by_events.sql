-- Grain: one row per conversation of which something was received apart: a comment, an audit, a rating.
{%- set seen = seen_by_every_conversation_model() or 0 %}

with

tickets as (

    select * from {{ ref('stg_zendesk__latest_tickets') }}

),

events as (

    select
        source,
        ticket_id
    from {{ source('zendesk', 'comments') }}
    where export_seq > {{ seen }}
    union
    select
        source,
        ticket_id
    from {{ source('zendesk', 'audits') }}
    where export_seq > {{ seen }}
    union
    select
        source,
        ticket_id
    from {{ source('zendesk', 'satisfaction_ratings') }}
    where export_seq > {{ seen }}

)

select tickets.conversation_id
from tickets
inner join events
    on tickets.source = events.source and tickets.ticket_id = events.ticket_id

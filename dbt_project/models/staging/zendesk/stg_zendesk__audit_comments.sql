-- Grain: one row per comment that a ticket's audits tell of. Where only audits are exported, they hold the only
-- text there is. The event's id is the comment's id, and who wrote it is, unless the event says so, who caused the audit.
-- Private notes are here without their text: it never leaves staging.
{{ config(materialized='incremental', incremental_strategy='by_audit') }}

with

audits as (

    select
        source,
        id,
        ticket_id,
        author_id,
        created_at,
        export_seq,
        position,
        unnest(list_filter(events, lambda event: event.type in ('Comment', 'VoiceComment'))) as event
    from {{ source('zendesk', 'audits') }}
    where {{ new_exports() }}

)

select
    source || ':' || id as audit_id,
    source,
    ticket_id,
    event.id as comment_id,
    coalesce(event.author_id, author_id) as author_id,
    coalesce(event.public, false) as is_public,
    case when event.public then event.body end as body,
    created_at,
    export_seq,
    position
from audits
where event.id is not null
-- an audit received twice tells of its comments twice
qualify row_number() over (partition by source, event.id order by export_seq desc, position desc) = 1

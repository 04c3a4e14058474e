-- Grain: one row per comment of a touched ticket that was received apart from it, as a record of its own or in an
-- audit. The record stands before the audit, which still holds what was redacted since; of its versions the last one
-- received.
with

touched as (

    select * from {{ ref('touched_conversations') }}

),

received as (

    select
        source,
        ticket_id,
        id::bigint as comment_id,
        author_id,
        public as is_public,
        body,
        created_at,
        via.channel as channel,
        false as is_of_audit,
        export_seq,
        position
    from {{ source('zendesk', 'comments') }}
    union all
    select
        source,
        ticket_id,
        comment_id,
        author_id,
        is_public,
        body,
        created_at,
        null::varchar as channel,
        true as is_of_audit,
        export_seq,
        position
    from {{ ref('stg_zendesk__audit_comments') }}

)

select received.*
from received
-- before the versions are compared: an increment looks through the comments of what changed
semi join touched
    on received.source || ':' || received.ticket_id = touched.conversation_id
qualify row_number() over (
    partition by received.source, received.comment_id
    order by received.is_of_audit, received.export_seq desc, received.position desc
) = 1

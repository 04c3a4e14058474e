-- Grain: one row per source whose exports brought a record: until when it tells.
-- Conversations tell of times themselves. A source of none, as a billing system, tells until its newest export that brought
-- anything new: until that was received, or the file was written, if that was before.
with

conversations as (

    select * from {{ ref('loaded_sources') }}

),

exports as (

    select * from {{ source('loads', 'exports') }}

),

received as (

    select
        source,
        max(least(loaded_at, make_timestamptz(mtime_ns // 1000))) as received_until
    from exports
    where status = 'loaded' and kept > 0
    group by all

)

select
    received.source,
    case when conversations.source is null then 'exports' else 'conversations' end as told_by,
    coalesce(conversations.loaded_until, received.received_until) as loaded_until,
    coalesce(conversations.has_ended, false) as has_ended
from received
-- left: a source of no conversation has none that could tell
left join conversations
    on received.source = conversations.source

-- Grain: one row per ticket whose metric events tell of its first reply: Zendesk's own word on whether it was in time.
-- The first instance of reply_time begins with the ticket, later ones with later questions. An event received again
-- stands in place of its earlier version, and one that was withdrawn is none.
with

versions as (

    select * from {{ source('zendesk', 'metric_events') }} where metric = 'reply_time' and instance_id = 1

),

events as (

    select * from versions
    qualify row_number() over (partition by source, id order by export_seq desc, position desc) = 1

)

select
    source,
    ticket_id,
    bool_or(type = 'apply_sla') as has_policy,
    bool_or(type = 'breach') as is_breached,
    bool_or(type = 'fulfill') as is_replied
from events
where not coalesce(deleted, false)
group by all

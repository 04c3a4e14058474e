-- Grain: one row per SLA policy, the version received last: policies tell no time of their own.
with

versions as (

    select * from {{ source('zendesk', 'sla_policies') }}

)

select
    source,
    id as policy_id,
    sla_policy_position as policy_position,
    filter,
    list_filter(policy_metrics, lambda target: target.metric = 'first_reply_time') as targets
from versions
qualify row_number() over (partition by source, id order by export_seq desc, position desc) = 1

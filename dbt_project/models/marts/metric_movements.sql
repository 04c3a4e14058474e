-- Grain: metric × version × driver × segment, and of a median or percentile the interaction: that of movement_parts.
-- A metric's standing is settled after its parts are built, so it is looked up here; of what is withheld nothing is told.
{{ config(materialized='view', tags=['governed']) }}
select
    parts.metric,
    parts.version,
    parts.cadence,
    parts.previous_start,
    parts.period_start,
    parts.kind,
    parts.driver,
    parts.segment,
    parts.mix,
    parts.rate,
    parts.part,
    parts.share_of_change,
    parts.value_before,
    parts.value_after,
    parts.conversations_before,
    parts.conversations_after,
    parts.total_before,
    parts.total_after,
    parts.is_simpson,
    parts.simpson_by,
    shown.status
from {{ ref('movement_parts') }} as parts
inner join {{ ref('metric_values') }} as shown
    on parts.metric = shown.metric and parts.version = shown.version and parts.period_start = shown.period_start
        and shown.dimension = 'all'
where shown.status != 'withheld'

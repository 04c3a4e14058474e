-- Grain: metric × version × rank: that of stacked_parts.
-- A metric's standing is settled after its parts are built, so it is looked up here; of what is withheld nothing is told.
{{ config(materialized='view', tags=['governed']) }}
select
    parts.metric,
    parts.version,
    parts.previous_start,
    parts.period_start,
    parts.rank,
    parts.segment,
    parts.part,
    parts.share_of_change,
    parts.signal,
    parts.signal_value,
    parts.driver,
    parts.canonical_tag,
    parts.quote,
    parts.quote_is_of_tag,
    parts.conversation_id,
    parts.message_no,
    parts.url,
    shown.status
from {{ ref('stacked_parts') }} as parts
inner join {{ ref('metric_values') }} as shown
    on parts.metric = shown.metric and parts.version = shown.version and parts.period_start = shown.period_start
        and shown.dimension = 'all'
where shown.status != 'withheld'

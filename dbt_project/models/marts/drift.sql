-- Grain: metric × version × complete period × measure: that of metric_drift.
-- A metric's standing is settled after its drift is measured, so it is looked up here; of what is withheld nothing is told.
{{ config(materialized='view', tags=['governed']) }}
select
    drifted.metric,
    drifted.version,
    drifted.period_start,
    drifted.measure,
    drifted.slice_kind,
    drifted.slice,
    drifted.counterpart,
    drifted.measured,
    drifted.bound,
    drifted.is_over,
    drifted.js,
    drifted.baseline,
    drifted.current,
    drifted.conversations,
    drifted.baseline_conversations,
    drifted.since,
    drifted.moved_value,
    drifted.is_reversed,
    drifted.announced,
    drifted.not_measured,
    drifted.examples_before,
    drifted.examples_after,
    shown.status
from {{ ref('metric_drift') }} as drifted
inner join {{ ref('metric_values') }} as shown
    on drifted.metric = shown.metric and drifted.version = shown.version and drifted.period_start = shown.period_start
        and shown.dimension = 'all'
where shown.status != 'withheld'

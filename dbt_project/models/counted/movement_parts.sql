-- Grain: metric × version × driver × segment, the metric's last two complete periods with a value; of a median or
-- percentile one row more, the interaction. The parts of a metric sum to its change: see metric_movement.
{{ config(tags=['governed']) }}
{{- depends_on_metrics() }}
with

reported as (

    {{ reported_movements(ref('metric_counts')) }}

),

movements as (

    select
        null::varchar as metric,
        null::varchar as kind,
        null::varchar as driver,
        null::varchar as segment,
        null::double as mix,
        null::double as rate,
        null::double as part,
        null::double as value_before,
        null::double as value_after,
        null::bigint as conversations_before,
        null::bigint as conversations_after,
        null::double as total_before,
        null::double as total_after,
        null::varchar[] as simpson_by
    where false
    {% for metric in metrics_in_use() %}
    union all
    select '{{ metric.name }}', * from ({{ metric_movement(moved_units(metric), metric.value) }})
    {% endfor %}
)

select
    movements.metric,
    reported.version,
    reported.cadence,
    reported.previous_start,
    reported.period_start,
    movements.kind,
    movements.driver,
    movements.segment,
    movements.mix,
    movements.rate,
    movements.part,
    movements.part / nullif(movements.total_after - movements.total_before, 0) as share_of_change,
    movements.value_before,
    movements.value_after,
    movements.conversations_before,
    movements.conversations_after,
    movements.total_before,
    movements.total_after,
    movements.simpson_by != [] as is_simpson,
    movements.simpson_by
from movements
inner join reported
    on movements.metric = reported.metric

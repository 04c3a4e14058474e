-- Grain: metric × version × period × driver × canonical tag. Tags stand under drivers: who knows a driver's total and all its
-- tags but one knows that one too, which suppression has to know.
{{ config(tags=['governed']) }}
{{- depends_on_metrics() }}
select
    null::varchar as metric,
    null::varchar as version,
    null::timestamp as period_start,
    null::varchar as driver,
    null::varchar as canonical_tag,
    null::double as numerator,
    null::double as denominator,
    null::bigint as conversations
where false
{% for metric in metrics_in_use() %}
union all
select
    '{{ metric.name }}',
    '{{ metric.version }}',
    {{ metric_period(metric) }},
    driver,
    canonical_tag,
    sum(numerator),
    sum(denominator),
    count(*)::bigint
from {{ ref(metric.name) }}
group by 3, 4, 5
{% endfor %}

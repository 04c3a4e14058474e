-- Grain: metric × version × unit. The unit is the conversation, unless the metric's own page says otherwise.
{{ config(materialized='view', tags=['governed']) }}
{{- depends_on_metrics() }}
select
    null::varchar as metric,
    null::varchar as version,
    null::varchar as unit_id,
    null::varchar as conversation_id,
    null::timestamptz as occurred_at,
    null::double as numerator,
    null::double as denominator,
    null::double as measure,
    null::varchar as state,
    null::varchar as source,
    null::date as opened_on,
    null::varchar as driver,
    null::varchar as canonical_tag,
    null::varchar as channel,
    null::varchar as segment,
    null::varchar as language,
    null::varchar as complexity
where false
{% for metric in metrics_in_use() %}
union all
select
    '{{ metric.name }}' as metric,
    '{{ metric.version }}' as version,
    *
from {{ ref(metric.name) }}
{% endfor %}

{#
    The values of one metric: a row per period and member of each dimension, and one per period for all.
    Grain of `membership`: a unit. `metric`: as metrics_in_use() tells it.
    An empty share, mean or percentile is null; an empty count is 0.
#}
{% macro metric_cells(membership, metric) -%}
select
    '{{ metric.name }}' as metric,
    '{{ metric.version }}' as version,
    '{{ metric.cadence }}' as cadence,
    period_start,
    {{ metric_dimension() }} as dimension,
    {{ metric_member() }} as member,
    sum(numerator) as numerator,
    sum(denominator) as denominator,
    {{ metric_value(metric.value) }} as value,
    count(*)::bigint as conversations
from (select *, {{ metric_period(metric) }} as period_start from {{ membership }})
group by grouping sets (
    (period_start),
    {%- for dimension in metric_dimensions() %}
    (period_start, {{ dimension }}){{ "," if not loop.last }}
    {%- endfor %}
)
{%- endmacro %}

{# The period a unit falls into, as wall time of the zone its periods are cut in. #}
{% macro metric_period(metric, moment='occurred_at') -%}
date_trunc('{{ metric.cadence }}', {{ moment }} at time zone '{{ metric_zone(metric.cadence) }}')::timestamp
{%- endmacro %}

{#
    Days and longer are the business's. Hours are cut in UTC: where clocks change, one hour of the wall is two and another
    is none.
#}
{% macro metric_zone(cadence) -%}
{{ 'UTC' if cadence == 'hour' else var('business_time_zone') }}
{%- endmacro %}

{% macro metric_value(kind) -%}
{%- if kind in ('share', 'mean') -%} sum(numerator) / nullif(sum(denominator), 0)
{%- elif kind == 'count' -%} sum(numerator)
{%- elif kind == 'median' -%} quantile_cont(measure, 0.5)
{%- elif kind == 'p90' -%} quantile_cont(measure, 0.9)
{%- else -%} {{ exceptions.raise_compiler_error("A metric's value is a share, mean, count, median or p90, not " ~ kind) }}
{%- endif -%}
{%- endmacro %}

{# Within grouping sets: which dimension a row is of, and which member of it. #}
{% macro metric_dimension() -%}
case
    {%- for dimension in metric_dimensions() %}
        when grouping({{ dimension }}) = 0 then '{{ dimension }}'
    {%- endfor %}
        else 'all'
    end
{%- endmacro %}

{% macro metric_member() -%}
case
    {%- for dimension in metric_dimensions() %}
        when grouping({{ dimension }}) = 0 then {{ dimension }}
    {%- endfor %}
        else 'all'
    end
{%- endmacro %}

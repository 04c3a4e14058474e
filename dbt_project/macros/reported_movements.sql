{#
    Of metric_counts: every metric with two complete periods that have a value, the last of them and the one before, as days
    and as moments.
#}
{% macro reported_movements(counts) -%}
select
    metric,
    any_value(version) as version,
    any_value(cadence) as cadence,
    min(period_start) as previous_start,
    max(period_start) as period_start,
    min(started_at) as previous_started_at,
    min(ended_at) as previous_ended_at,
    max(started_at) as started_at,
    max(ended_at) as ended_at
from (
    from {{ counts }}
    where dimension = 'all' and is_complete and value is not null
    qualify row_number() over (partition by metric order by period_start desc) <= 2
)
group by metric
having count(*) = 2
{%- endmacro %}

{# The units of a metric in the two periods of its row in `reported`, as metric_movement reads them. #}
{% macro moved_units(metric) -%}
(
    select
        units.*,
        units.occurred_at >= periods.started_at as is_later
    from {{ ref(metric.name) }} as units
    cross join (from reported where metric = '{{ metric.name }}') as periods
    where (units.occurred_at >= periods.previous_started_at and units.occurred_at < periods.previous_ended_at)
        or (units.occurred_at >= periods.started_at and units.occurred_at < periods.ended_at)
)
{%- endmacro %}

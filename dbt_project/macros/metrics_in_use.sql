{#
    The metrics that can be counted: contract read, SQL built, no fault found in its units. Each with what its contract
    says of counting: metric, version, cadence, value, grace_hours, quotes, signal and signal_value.
#}
{% macro metrics_in_use() %}
    {% if not execute %}{{ return([]) }}{% endif %}
    {% set found = run_query(
        "select contracts.metric, contracts.version, contracts.cadence, contracts.value_kind, contracts.grace_hours,"
        ~ " contracts.quotes, contracts.signal, contracts.signal_value"
        ~ " from " ~ source('loads', 'contracts') ~ " as contracts"
        ~ " where contracts.is_read and not exists (select 1 from " ~ source('loads', 'metric_faults') ~ " as faults"
        ~ " where faults.metric = contracts.metric) order by contracts.metric"
    ) %}
    {% set metrics = [] %}
    {% for row in found.rows %}
        {% do metrics.append({
            'name': row[0], 'version': row[1], 'cadence': row[2], 'value': row[3], 'grace_hours': row[4],
            'quotes': row[5], 'signal': row[6], 'signal_value': row[7]
        }) %}
    {% endfor %}
    {{ return(metrics) }}
{% endmacro %}

{# What dbt must build before a model that reads every metric: said as a comment, for the loop is known at run time only. #}
{% macro depends_on_metrics() -%}
{% for metric in metrics() %}{% do ref(metric) %}{% endfor %}
{%- do source('loads', 'contracts') %}
{%- do source('loads', 'metric_faults') %}
{%- endmacro %}

{# The six dimensions a value is told by, beside `all`. #}
{% macro metric_dimensions() %}{{ return(['driver', 'canonical_tag', 'channel', 'segment', 'language', 'complexity']) }}{% endmacro %}

{# Source -> the zone its exports of a kind of record declare: a day without a time is a day in that zone. #}
{% macro time_zones_of(record) %}
    {%- set pairs = [] -%}
    {%- for node in (graph.sources.values() if execute else []) -%}
        {%- set export = node.config.meta.get('export') or {} -%}
        {%- if export.get('record') == record -%}
            {%- do pairs.append("('" ~ node.source_name ~ "', '" ~ export.time_zone ~ "')") -%}
        {%- endif -%}
    {%- endfor -%}
    select distinct source, time_zone
    from (values {{ (pairs | sort or ["('', '')"]) | join(', ') }}) as declared (source, time_zone)
{%- endmacro %}

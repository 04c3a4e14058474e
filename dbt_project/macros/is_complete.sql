{# Of a period with started_at and ended_at: which of the `sources` (see loaded_sources) it waits for. #}
{% macro waits_for(period) -%}
sources.first_opened_at < {{ period }}.ended_at
    and (not sources.has_ended or sources.loaded_until > {{ period }}.started_at)
{%- endmacro %}

{# Over the sources a period waits for: all are loaded past its end plus the grace. #}
{% macro is_complete(period, grace_hours) -%}
bool_and(coalesce(sources.loaded_until >= {{ period }}.ended_at + to_hours({{ grace_hours }}), false))
{%- endmacro %}

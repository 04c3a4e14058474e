{# How a source's own word is looked up in a seed: lower case, trimmed. #}
{% macro lookup_key(column) -%}
    lower(trim({{ column }}))
{%- endmacro %}

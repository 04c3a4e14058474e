{# A schema is named for its layer, with no prefix: `marts.fct_conversations` is what readers type. #}
{% macro generate_schema_name(custom_schema_name, node) %}
    {{- custom_schema_name or target.schema -}}
{% endmacro %}

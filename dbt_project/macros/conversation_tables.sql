{# The declared tables whose records are conversations, as a list of literals. #}
{% macro conversation_tables() %}
    {%- set tables = [] -%}
    {%- for node in (graph.sources.values() if execute else []) -%}
        {%- if (node.config.meta.get('export') or {}).get('record') in ('ticket', 'conversation') -%}
            {%- do tables.append("'" ~ node.name ~ "'") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ (tables | unique | sort or ["''"]) | join(', ') }}
{%- endmacro %}

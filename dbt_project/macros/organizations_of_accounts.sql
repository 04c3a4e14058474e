{# Source of accounts -> each help desk whose organization ids they carry, as their exports declare it. #}
{% macro organizations_of_accounts() %}
    {%- set pairs = [] -%}
    {%- for node in (graph.sources.values() if execute else []) -%}
        {%- for source in (node.config.meta.get('export') or {}).get('organizations_of', []) -%}
            {%- do pairs.append("('" ~ node.source_name ~ "', '" ~ source ~ "')") -%}
        {%- endfor -%}
    {%- endfor -%}
    select distinct account_source, source
    from (values {{ (pairs or ["('', '')"]) | join(', ') }}) as declared (account_source, source)
{%- endmacro %}

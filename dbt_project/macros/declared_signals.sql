{# The four core signals and the summary, in the order readers see them. #}
{% macro core_signals() %}{{ return(['sentiment', 'churn_risk', 'customer_effort', 'outcome', 'summary']) }}{% endmacro %}

{# The names of the declared custom signals (`config.meta.signals` of the models that answer them), in alphabetical order. #}
{% macro custom_signals() %}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
            {%- for signal in node.config.get('meta', {}).get('signals', []) if signal.name not in core_signals() -%}
                {%- do names.append(signal.name) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(names | sort) }}
{% endmacro %}

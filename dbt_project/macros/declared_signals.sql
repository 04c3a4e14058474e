{# The four core signals and the summary, in the order readers see them. #}
{% macro core_signals() %}{{ return(['sentiment', 'churn_risk', 'customer_effort', 'outcome', 'summary']) }}{% endmacro %}

{# The names of the declared custom signals (`config.meta.signals` of the models that answer them), in alphabetical order. #}
{% macro custom_signals() %}{{ return(declared_signals() | map(attribute='name') | sort) }}{% endmacro %}

{# The signals whose answer is one of a few values, which can be counted; a text can only be read. #}
{% macro counted_signals() %}
    {{ return(
        (core_signals() | reject('equalto', 'summary') | list)
        + (declared_signals() | selectattr('values', 'defined') | selectattr('values') | map(attribute='name') | sort)
    ) }}
{% endmacro %}

{# The custom signals as they are declared. #}
{% macro declared_signals() %}
    {%- set declared = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
            {%- for signal in node.config.get('meta', {}).get('signals', []) if signal.name not in core_signals() -%}
                {%- do declared.append(signal) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(declared) }}
{% endmacro %}

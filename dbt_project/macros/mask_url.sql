{#
    A link to a conversation -> the same without personal data: a query string that holds any is cut off, an
    address in the path is masked. What is no web address is no link: readers click on it, so it becomes null.
#}
{% macro mask_url(column) %}{{ return(adapter.dispatch('mask_url', 'assay')(column)) }}{% endmacro %}

{% macro default__mask_url(column) -%}
{%- set path = "regexp_replace(" ~ column ~ ", '[?#].*$', '', 's')" -%}
{#- as the reader's browser would show it -#}
{%- set query = "replace(replace(replace(regexp_extract(" ~ column
    ~ ", '[?#].*$', 0, 's'), '%40', '@'), '%2B', '+'), '%2b', '+')" -%}
case
    when not regexp_matches({{ column }}, '^https?://[^[:cntrl:][:space:]<>"]+$') then null
    when not regexp_matches({{ column }}, '[@?#%]') then {{ column }}
    else regexp_replace({{ path }}, '[^/@]*(?:@|%40)[^/]*', '[email]', 'g') || case
        when {{ mask_personal_data(query) }} = {{ query }} then regexp_extract({{ column }}, '[?#].*$', 0, 's')
        else ''
    end
end
{%- endmacro %}

{#
    An id or a short name that a help desk gives -> the same, personal data in it masked. Null stays null.

    Digits alone are left as they are: an id of 13 digits or more passes for a card one time in ten.
#}
{% macro mask_identifier(column) %}{{ return(adapter.dispatch('mask_identifier', 'assay')(column)) }}{% endmacro %}

{% macro default__mask_identifier(column) -%}
case when regexp_full_match({{ column }}, '[0-9]+') then {{ column }} else {{ mask_personal_data(column) }} end
{%- endmacro %}

{# Whether a day lies in the validity of a dated row: from valid_from, up to but without valid_to. #}
{% macro is_valid_on(day, dated) -%}
    {{ day }} >= {{ dated }}.valid_from
            and {{ day }} < coalesce({{ dated }}.valid_to, date '9999-12-31')
{%- endmacro %}

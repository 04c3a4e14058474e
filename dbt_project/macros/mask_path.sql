-- A file's name without personal data, part by part: an address takes with it what stands before it.
{% macro mask_path(column) -%}
    array_to_string(
        list_transform(string_split({{ column }}, '/'), lambda part: {{ mask_personal_data('part') }}), '/'
    )
{%- endmacro %}

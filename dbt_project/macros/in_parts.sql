{#
    A model whose statement grows too large for memory is filled in parts: it selects `part_of('rowid')` of the table it
    reads most of, with `first_part()` as pre-hook and `remaining_parts(relation)` as post-hook. A range of row numbers
    reads only the row groups it lies in, and all parts stand in one transaction. Outside dbt there is one part.
#}
{% macro part_of(row_number) -%}
{{ row_number }} between coalesce(getvariable('part_start'), 0) and coalesce(getvariable('part_end'), 9223372036854775807)
{%- endmacro %}

{% macro first_part() %}{{ return(one_part(0)) }}{% endmacro %}

{% macro one_part(start) %}
{% do return("set variable part_start = " ~ start ~ "; set variable part_end = " ~ (start + var('rows_of_a_part') - 1)) %}
{% endmacro %}

{% macro remaining_parts(relation) %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set rows = run_query("select coalesce(max(rowid), 0) + 1 from " ~ relation).rows[0][0] %}
    {% for start in range(var('rows_of_a_part'), rows, var('rows_of_a_part')) %}
        {% do run_query(one_part(start)) %}
        {% do run_query("insert into " ~ this ~ " by name " ~ model.compiled_code) %}
    {% endfor %}
    {{ return("reset variable part_start; reset variable part_end") }}
{% endmacro %}

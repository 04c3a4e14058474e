-- Whether so few `stragglers` carry a tag where by its share `due` would that it is not in use there; `tagged` carry it
-- where it is. The share of a rare tag is known too little to let any pass.
{% macro few_stragglers(due, tagged) -%}
    (
        stragglers = 0
        or (
            stragglers <= {{ due }} / {{ var('renamed_tag_stragglers') }}
            and {{ tagged }} >= {{ var('renamed_tag_from') }}
        )
    )
{%- endmacro %}

{#
    What keyword rules read of a message: its beginning, in lower case, with one way to write an apostrophe and a blank.
    People say what they want first. A line that was wrapped reads on; an empty line stays two blanks, which no rule that
    counts words reads across.
#}
{% macro keyword_text(body) %}{{ return(adapter.dispatch('keyword_text', 'assay')(body)) }}{% endmacro %}

{% macro default__keyword_text(body) -%}
lower(replace(replace(replace(left({{ body }}, 500), '  ', ' '), chr(10), ' '), '’', ''''))
{%- endmacro %}

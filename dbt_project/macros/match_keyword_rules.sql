{#
    A text in lower case -> the rules it fulfils, as a list of {canonical_tag, weight, valid_from, valid_to}; empty when none,
    null for null.

    `rules` are the rows of keyword_rules for one language (and `any`), read when the model is compiled: with the pattern in
    a column, DuckDB would compile it again for every text. Patterns of one tag, weight and window are one group and tried as
    one, so a tag counts once per weight however many of its patterns match.
#}
{% macro match_keyword_rules(column, rules) %}{{ return(adapter.dispatch('match_keyword_rules', 'assay')(column, rules)) }}{% endmacro %}

{% macro default__match_keyword_rules(column, rules) %}
{%- set groups = {} -%}
{%- for rule in rules -%}
    {%- set hit = "{'canonical_tag': '" ~ rule.canonical_tag ~ "', 'weight': " ~ rule.weight
        ~ ", 'valid_from': date '" ~ rule.valid_from ~ "', 'valid_to': "
        ~ ("date '" ~ rule.valid_to ~ "'" if rule.valid_to else "cast(null as date)") ~ "}" -%}
    {%- set _ = groups.setdefault(hit, []).append('(?:' ~ rule.pattern | replace("'", "''") ~ ')') -%}
{%- endfor -%}
{#- Most groups match nothing, so three are asked at once first: 2.7 times the texts per second of one by one. Six at once
    is no faster than one, and ten is slower. -#}
case
    when {{ column }} is not null then list_filter(
        flatten([
            {%- for bundle in groups.items() | batch(3) %}
            case
                when {{ matches_any(column, bundle | map("last") | sum(start=[])) }} then [
                    {%- for hit, patterns in bundle %}
                    case when {{ matches_any(column, patterns) }} then {{ hit }} end
                    {{- "," if not loop.last }}
                    {%- endfor %}
                ]
            end{{ "," if not loop.last }}
            {%- endfor %}
        ]),
        lambda hit: hit is not null
    )
end
{%- endmacro %}

{#- Eighteen patterns at a time: of many more, the DFA no longer fits its memory. -#}
{% macro matches_any(column, patterns) -%}
{%- for some in patterns | batch(18) -%}
regexp_matches({{ column }}, '{{ some | join("|") }}'){{ " or " if not loop.last }}
{%- endfor -%}
{%- endmacro %}

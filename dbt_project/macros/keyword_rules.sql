{# The keyword rules of one language and those of any, or all of them: read when a model is compiled. #}
{% macro keyword_rules(language=none) %}
    {% set seed = ref('keyword_rules') %}
    {% if not execute or load_relation(seed) is none %}{{ return([]) }}{% endif %}
    {% set found = run_query(
        "select language, pattern, canonical_tag, weight, valid_from, valid_to from " ~ seed
        ~ (" where language in ('" ~ language ~ "', 'any')" if language else "")
        ~ " order by canonical_tag, weight, valid_from, language, pattern"
    ) %}
    {{ return(found.rows) }}
{% endmacro %}

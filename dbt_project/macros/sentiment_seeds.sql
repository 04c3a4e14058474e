{# What the model of sentiment reads from its pack while it is compiled. #}

{% macro sentiment_version() %}{{ return(var('signal_packs')['sentiment_weights']) }}{% endmacro %}

{# One column of the pack in the version in use, in alphabetical order; empty while the project is only parsed. #}
{% macro sentiment_pack(seed, column, where='true') %}
    {% set relation = ref(seed) %}
    {% if not execute or load_relation(relation) is none %}{{ return([]) }}{% endif %}
    {% set found = run_query(
        "select distinct " ~ column ~ " from " ~ relation
        ~ " where version = '" ~ sentiment_version() ~ "' and " ~ where ~ " order by all"
    ) %}
    {{ return(found.columns[0].values() | list) }}
{% endmacro %}

{# The heaviest hit, then the earliest, as one number: an aggregate over numbers is the cheapest there is. #}
{% macro sentiment_rank(weight) %}max(({{ weight }}) * 4194304::bigint + (2097151 - place) * 2 + words - 1){% endmacro %}
{% macro sentiment_place(rank) %}(2097151 - ({{ rank }} // 2) % 2097152){% endmacro %}
{% macro sentiment_words_of(rank) %}({{ rank }} % 2 + 1){% endmacro %}

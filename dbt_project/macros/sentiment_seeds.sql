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

{# The rows of the pack in the version in use, each with the number that a rank tells its term by. #}
{% macro sentiment_terms() -%}
select
    *,
    row_number() over (order by language, term) as term_no
from {{ ref('sentiment_weights') }}
where version = '{{ sentiment_version() }}'
{%- endmacro %}

{#
    The heaviest hit of a text, then the earliest, and its term, as one number: an aggregate over numbers is the cheapest
    there is. Over the messages of a conversation the earliest message wins.
#}
{% macro sentiment_rank(weight) -%}
max(({{ weight }}) * 8589934592::bigint + (65535 - least(place, 65535)) * 131072 + coalesce(term_no, 0))
{%- endmacro %}
{% macro sentiment_rank_in_conversation(rank, message_no) -%}
({{ rank }} * 16384 + 16383 - least({{ message_no }}, 16383))
{%- endmacro %}
{% macro sentiment_rank_weighs(rank) %}{{ rank }} >= 8589934592{% endmacro %}
{% macro sentiment_term_no(rank) %}(({{ rank }} // 16384) % 131072){% endmacro %}

{#
    Rules over a customer's words: how a text is made ready, what is struck out, which rule speaks first.

    A group is {value, confidence, any, also, unless}, each of the last three a list of RE2 patterns on the text in lower case.
    It speaks where one of `any` matches what was not struck out, one of `also` (if there are any) matches the text, and
    none of `unless` does. Patterns are constants of the compiled SQL: in a column, or in a lambda, DuckDB would compile
    them again for every text.
#}

{#- The text rules are tried on. Every step keeps the number of characters, so that a match is found again in the words. -#}
{% macro signal_text(words) %}{{ return(adapter.dispatch('signal_text', 'assay')(words)) }}{% endmacro %}

{% macro default__signal_text(words) -%}
lower(replace(replace({{ words }}, '’', ''''), chr(10), ' '))
{%- endmacro %}

{#- Rows of `source` with one column more, worked out once per row whatever filters and columns above read it. The list is a
    column of its own, because `unnest` works out twice what stands inside it. -#}
{% macro worked_out(source, name, expression) %}{{ return(adapter.dispatch('worked_out', 'assay')(source, name, expression)) }}{% endmacro %}

{% macro default__worked_out(source, name, expression) -%}
(select * exclude (once), unnest(once) as {{ name }} from (select *, [{{ expression }}] as once from {{ source }}))
{%- endmacro %}

{#- The words a match stands for, in the customer's own spelling. Null where the match is not in the text. -#}
{% macro signal_cue(words, text, cue) %}{{ return(adapter.dispatch('signal_cue', 'assay')(words, text, cue)) }}{% endmacro %}

{% macro default__signal_cue(words, text, cue) -%}
nullif(trim(substr({{ words }}, nullif(strpos({{ text }}, {{ cue }}), 0), length({{ cue }}))), '')
{%- endmacro %}

{#- The text without what only looks like a cue. What is cut leaves a mark no pattern reads across. -#}
{% macro signal_struck(text, ignored) %}{{ return(adapter.dispatch('signal_struck', 'assay')(text, ignored)) }}{% endmacro %}

{% macro default__signal_struck(text, ignored) -%}
{%- set struck = namespace(sql=text) -%}
{%- for bundle in ignored | batch(12) -%}
    {%- set struck.sql = "regexp_replace(" ~ struck.sql ~ ", '" ~ bundle | join('|') | replace("'", "''") ~ "', chr(31), 'g')" -%}
{%- endfor -%}
{{ struck.sql }}
{%- endmacro %}

{#- Only the sentences that hold a hint: what rules read then is a fifth of a long text. No pattern reads across two. -#}
{% macro signal_sentences(text, hints) %}{{ return(adapter.dispatch('signal_sentences', 'assay')(text, hints)) }}{% endmacro %}

{% macro default__signal_sentences(text, hints) -%}
{%- if not hints -%}
{{ text }}
{%- else -%}
array_to_string(regexp_extract_all({{ text }}, '[^.!?\x1f]*\b(?:{{ hints | join("|") | replace("'", "''") }})[^.!?\x1f]*[.!?]*'), chr(31))
{%- endif -%}
{%- endmacro %}

{#-
    Patterns tried as one, a line for each such bundle. RE2's automaton holds six that read a phrase, but three where one
    of them leaps within a sentence: with more it runs ten times slower.
-#}
{% macro signal_bundles(patterns) -%}
{%- set bundles = namespace(lines=[], open=[]) -%}
{%- for pattern in patterns -%}
    {%- if bundles.open | length >= (3 if '[^.!?' in bundles.open | join ~ pattern else 6) -%}
        {%- set bundles.lines = bundles.lines + [bundles.open | join("|")] -%}
        {%- set bundles.open = [] -%}
    {%- endif -%}
    {%- set bundles.open = bundles.open + [pattern] -%}
{%- endfor -%}
{{ (bundles.lines + [bundles.open | join("|")]) | join("\n") | replace("'", "''") }}
{%- endmacro %}

{#- True where a group might speak, before anything is struck out or excepted: one in twenty texts goes further. -#}
{% macro signal_likely(text, sentences, groups) %}{{ return(adapter.dispatch('signal_likely', 'assay')(text, sentences, groups)) }}{% endmacro %}

{% macro default__signal_likely(text, sentences, groups) -%}
(
{%- for group in groups -%}
    {{ " or " if not loop.first }}
    {%- if group.also %}regexp_matches({{ text }}, '{{ group.also | join("|") | replace("'", "''") }}') and {% endif -%}
(
    {%- for bundle in signal_bundles(group.any).split("\n") -%}
regexp_matches({{ sentences }}, '{{ bundle }}'){{ " or " if not loop.last }}
    {%- endfor -%}
)
{%- endfor -%}
)
{%- endmacro %}

{#
    Rows of own_words in one language where a rule speaks: conversation_id, message_no, cue, value, confidence.
    `rules` is {language, hints, ignored, groups}.

    What a filter asks for passes through worked_out: DuckDB moves a filter below the projection it reads from, and would
    work the expression out again in every condition that names it.
#}
{% macro signal_hits(rules, found_by) %}{{ return(adapter.dispatch('signal_hits', 'assay')(rules, found_by)) }}{% endmacro %}

{% macro default__signal_hits(rules, found_by) -%}
{%- set texts %}
(
    select conversation_id, message_no, words, {{ default__signal_text('words') }} as text
    from own_words
    where language = '{{ rules.language }}' and {{ found_by }}
)
{%- endset %}
{%- set likely %}
(
    select *, {{ default__signal_struck('sentences', rules.ignored) }} as struck
    from {{ default__worked_out(texts, 'sentences', default__signal_sentences('text', rules.hints)) }}
    where {{ default__signal_likely('text', 'sentences', rules.groups) }}
)
{%- endset %}
select conversation_id, message_no, hit.value as value, hit.confidence as confidence, {{ default__signal_cue('words', 'text', 'hit.cue') }} as cue
from {{ default__worked_out(likely, 'hit', 'coalesce(' ~ default__signal_cases('text', 'struck', rules.groups) ~ ', null)') }}
where hit is not null
{%- endmacro %}

{#- Every group as a case of its own: {value, confidence, cue}, or null where it is silent. -#}
{% macro signal_cases(text, struck, groups) %}{{ return(adapter.dispatch('signal_cases', 'assay')(text, struck, groups)) }}{% endmacro %}

{% macro default__signal_cases(text, struck, groups) -%}
{%- for group in groups -%}
    {%- set last_group = loop.last -%}
    {%- for pattern in signal_bundles(group.any).split("\n") -%}
case when regexp_matches({{ struck }}, '{{ pattern }}')
        {%- if group.also %} and regexp_matches({{ text }}, '{{ group.also | join("|") | replace("'", "''") }}'){% endif -%}
        {%- if group.unless %} and not regexp_matches({{ text }}, '{{ group.unless | join("|") | replace("'", "''") }}'){% endif %} then {
        'value': '{{ group.value | replace("'", "''") }}', 'confidence': {{ group.confidence }}::double,
        'cue': regexp_extract({{ struck }}, '{{ pattern }}')
    } end{{ ",\n    " if not (loop.last and last_group) }}
    {%- endfor -%}
{%- endfor -%}
{%- endmacro %}

{#- The first match of any of several patterns, tried in turn, each a list of alternatives. -#}
{% macro first_cue(text, patterns) %}{{ return(adapter.dispatch('first_cue', 'assay')(text, patterns)) }}{% endmacro %}

{% macro default__first_cue(text, patterns) -%}
coalesce(
{%- for alternatives in patterns if alternatives -%}
nullif(regexp_extract({{ text }}, '{{ alternatives | join("|") | replace("'", "''") }}'), ''), {% endfor -%}
null)
{%- endmacro %}

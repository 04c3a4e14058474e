{#
    A message body -> the customer's own words: verbatim, in order, without what a mail program, a form or a lawyer added.

    The pack own_words_marks says by what such text is known, in three kinds:
      rest   from here to the end of the message (quoted mail at the foot, a signature, a disclaimer)
      part   this stretch alone, so that an answer written below or between quoted lines stays
      line   a line that says nothing of the matter (a form's label, "sent from my phone" above a quotation)
    A body without a hint of any mark is returned after one scan, one that holds none of the marks themselves after two: all
    marks as one pattern cost no more than one of them. Nothing is left of a message that was all quotation.
#}
{% macro own_words_of(body) %}
    {%- set marks = pack_rows('own_words_marks', 'kind, pattern') %}
    {{ return(adapter.dispatch('own_words_cut', 'assay')(
        body,
        marks | selectattr('kind', 'eq', 'part') | map(attribute='pattern') | list,
        marks | selectattr('kind', 'eq', 'line') | map(attribute='pattern') | list,
        marks | selectattr('kind', 'eq', 'rest') | map(attribute='pattern') | list,
        marks | selectattr('kind', 'eq', 'hint') | map(attribute='pattern') | list
    )) }}
{% endmacro %}

{% macro default__own_words_cut(body, parts, lines, rests, hints) -%}
{%- set cut = namespace(sql=body) -%}
{%- if parts + lines -%}
    {%- set cut.sql = "regexp_replace(" ~ cut.sql ~ ", '" ~ (parts + lines) | join("|") | replace("'", "''") ~ "', chr(10) || chr(31) || chr(10), 'g')" -%}
{%- endif -%}
{%- if rests -%}
    {%- set cut.sql = "regexp_replace(" ~ cut.sql ~ ", '(?:" ~ rests | join("|") | replace("'", "''") ~ ")(?s:.*)', '')" -%}
{%- endif -%}
{%- if parts + lines + rests -%}
case
    when regexp_matches({{ body }}, '{{ hints | join("|") | replace("'", "''") }}')
        then nullif(trim({{ cut.sql }}, ' ' || chr(9) || chr(10) || chr(13) || chr(31)), '')
    else {{ body }}
end
{%- else -%}
{{ body }}
{%- endif -%}
{%- endmacro %}

{#-
    The readers of a language that find a hint of theirs in a text, a bit for each (see hint_readers), or null where none does.
    The hints are found in one scan and told apart by their number in an enumeration: comparing them as texts with the
    hints of every reader costs more than finding them.
-#}
{% macro hinted_readers(text, language) %}
    {% set readers = hint_readers(language) %}
    {% set hints = hints_of(readers) %}
    {% set bits = [] %}
    {% for hint in hints %}
        {% set found = namespace(bits=0) %}
        {% for reader in readers %}
            {% if reader | select('in', hint) | first %}{% set found.bits = found.bits + 2 ** loop.index0 %}{% endif %}
        {% endfor %}
        {% set _ = bits.append(found.bits) %}
    {% endfor %}
    {{ return(adapter.dispatch('hint_bits', 'assay')(text, hints, bits)) }}
{% endmacro %}

{% macro default__hint_bits(text, hints, bits) -%}
{%- if hints -%}
list_bit_or(list_transform(
    regexp_extract_all({{ text }}, '\b(?:{{ hints | join("|") | replace("'", "''") }})'),
    lambda hint: list_extract(
        cast([{{ bits | join(', ') }}] as bigint[]),
        enum_code(cast(hint as enum({% for hint in hints %}'{{ hint | replace("'", "''") }}'{{ ', ' if not loop.last }}{% endfor %}))) + 1
    )
))
{%- else -%}
cast(null as bigint)
{%- endif -%}
{%- endmacro %}

{#- Punctuation to lines, so that words can be split at them: nested replace is twice as fast as translate. -#}
{% macro plain_tokens(text) -%}
{%- set plain = namespace(sql=text) -%}
{%- for sign in ["chr(10)", "chr(13)", "'.'", "','", "'!'", "'?'", "':'", "';'", "'('", "')'", "'\"'", "'¿'", "'¡'"] -%}
    {%- set plain.sql = "replace(" ~ plain.sql ~ ", " ~ sign ~ ", ' ')" -%}
{%- endfor -%}
replace({{ plain.sql }}, '’', '''')
{%- endmacro %}

{#- A language told by its alphabet alone, or null. Han characters without kana are Chinese. -#}
{% macro alphabet_language(text) -%}
case
    when not regexp_matches({{ text }}, '[^\x00-\x{024F}\x{2000}-\x{2FFF}\x{1F000}-\x{1FFFF}]') then null
    when regexp_matches({{ text }}, '[\p{Hiragana}\p{Katakana}]') then 'ja'
    when regexp_matches({{ text }}, '\p{Hangul}') then 'ko'
    when regexp_matches({{ text }}, '\p{Han}') then 'zh'
    when regexp_matches({{ text }}, '\p{Cyrillic}') then 'ru'
    when regexp_matches({{ text }}, '\p{Arabic}') then 'ar'
    when regexp_matches({{ text }}, '\p{Greek}') then 'el'
    when regexp_matches({{ text }}, '\p{Hebrew}') then 'he'
    when regexp_matches({{ text }}, '\p{Thai}') then 'th'
    when regexp_matches({{ text }}, '\p{Devanagari}') then 'hi'
end
{%- endmacro %}

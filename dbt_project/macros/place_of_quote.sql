{#
    Where the sentence around a cue stands in a text: {start, end}, code points counted from 0, the end not included, as
    spans are written everywhere but in SQL: text[start + 1:end] is the quote.

    The sentence reaches at most 100 characters to either side, so that a quote stays a quote. Null where the cue is null, empty
    or not in the text.
#}
{% macro place_of_quote(text, cue) %}{{ return(adapter.dispatch('place_of_quote', 'assay')(text, cue)) }}{% endmacro %}

{% macro default__place_of_quote(text, cue) %}
{%- set at = "instr(" ~ text ~ ", " ~ cue ~ ")" -%}
{%- set before = text ~ "[greatest(" ~ at ~ " - 100, 1):" ~ at ~ " - 1]" -%}
{%- set after = text ~ "[" ~ at ~ " + length(" ~ cue ~ "):" ~ at ~ " + length(" ~ cue ~ ") + 99]" -%}
case
    when {{ cue }} != '' and {{ at }} > 0 then {
        'start': {{ at }} - 1 - length(ltrim(regexp_extract({{ before }}, '[^.!?\n]*$'))),
        'end': {{ at }} + length({{ cue }}) - 1 + length(rtrim(regexp_extract({{ after }}, '^[^.!?\n]*[.!?]?')))
    }
end
{%- endmacro %}

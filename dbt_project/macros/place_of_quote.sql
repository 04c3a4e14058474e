{#
    Where the sentence around a cue stands in a text: {start, end}, code points counted from 0, the end not included, as
    spans are written everywhere but in SQL: text[start + 1:end] is the quote. `at` is the place of the cue, as place_of_cue
    finds it.

    The sentence reaches at most 100 characters to either side, so that a quote stays a quote. Null where the cue is null, empty
    or not in the text.
#}
{% macro place_of_quote(text, cue, at) %}{{ return(adapter.dispatch('place_of_quote', 'assay')(text, cue, at)) }}{% endmacro %}

{% macro default__place_of_quote(text, cue, at) %}
{%- set before = text ~ "[greatest(" ~ at ~ " - 100, 1):" ~ at ~ " - 1]" -%}
{%- set after = text ~ "[" ~ at ~ " + length(" ~ cue ~ "):" ~ at ~ " + length(" ~ cue ~ ") + 99]" -%}
case
    when {{ cue }} != '' and {{ at }} > 0 then {
        'start': {{ at }} - 1 - length(ltrim(regexp_extract({{ before }}, '[^.!?\n]*$'))),
        'end': {{ at }} + length({{ cue }}) - 1 + length(rtrim(regexp_extract({{ after }}, '^[^.!?\n]*[.!?]?')))
    }
end
{%- endmacro %}

{#
    The place of a cue in a message, counted from 1, or 0 where it is not there.

    `words` are the customer's own of a message from which something was cut, else null: the same cue may stand in the mail
    that was quoted. It is looked for in the words, then in the message together with all that leads to it since the cut
    before, from the beginning of a line, which in quoted mail has its mark.
#}
{% macro place_of_cue(text, words, cue) %}{{ return(adapter.dispatch('place_of_cue', 'assay')(text, words, cue)) }}{% endmacro %}

{% macro default__place_of_cue(text, words, cue) %}
{%- set led_to = "ltrim(regexp_extract(" ~ words ~ "[:instr(" ~ words ~ ", " ~ cue ~ ") - 1], '[^\\x1f]*$'), chr(10) || chr(13))" -%}
case
    when {{ words }} is null or instr({{ words }}, {{ cue }}) = 0 then instr({{ text }}, {{ cue }})
    else coalesce(
        nullif(instr(chr(10) || {{ text }}, chr(10) || {{ led_to }} || {{ cue }}), 0) + length({{ led_to }}),
        nullif(instr({{ text }}, {{ led_to }} || {{ cue }}), 0) + length({{ led_to }}),
        instr({{ text }}, {{ cue }})
    )
end
{%- endmacro %}

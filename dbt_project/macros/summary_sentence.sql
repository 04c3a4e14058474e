{#
    The first sentence of a text that names a problem, that asks for something, or that is longer than a greeting: verbatim.
    Trimmed of blanks at its ends; null where there is none. English, German and Spanish words tell.
#}
{% macro summary_sentence(words, kind) %}{{ return(adapter.dispatch('summary_sentence', 'assay')(words, kind)) }}{% endmacro %}

{% macro default__summary_sentence(words, kind) -%}
{%- set problem = [
    "not", "n''t", "n’t", "no longer", "never", "cannot", "wrong\\w*", "error\\w*", "fail\\w*", "broken", "issue\\w*", "problem\\w*", "stuck", "missing",
    "lost", "late", "delay\\w*", "refus\\w*", "denied", "declin\\w*", "unable", "charged", "overcharged", "incorrect\\w*", "inaccurate", "crash\\w*",
    "still", "twice", "without", "fraud\\w*", "stolen", "scam\\w*", "disappoint\\w*", "nicht", "kein\\w*", "falsch\\w*", "fehl\\w*",
    "defekt\\w*", "kaputt\\w*", "leider", "verspät\\w*", "doppelt", "no", "nunca", "falta\\w*", "mal", "roto", "retraso", "cobrado", "cobraron"
] -%}
{%- set request = [
    "please", "could you", "can you", "would you", "can i", "could i", "how do i", "how can i", "i want", "i need", "i would like", "i''d like",
    "we need", "we want", "we would like", "help", "kindly", "advise", "request\\w*", "bitte", "können sie", "könnten sie", "kann ich", "wie kann",
    "ich möchte", "por favor", "pueden", "podrían", "puedo", "quiero", "quisiera", "necesito", "solicito", "cómo"
] -%}
{%- if kind == 'any' -%}
{%- set pattern = "[^.!?\\n\\x1f]{20,}[.!?]*" -%}
{%- else -%}
{%- set pattern = "(?i)[^.!?\\n\\x1f]*\\b(?:" ~ (problem if kind == 'problem' else request) | join('|') ~ ")\\b[^.!?\\n\\x1f]{3,}[.!?]*" -%}
{%- endif -%}
nullif(trim(regexp_extract({{ words }}, '{{ pattern }}'), ' ' || chr(9) || chr(13)), '')
{%- endmacro %}

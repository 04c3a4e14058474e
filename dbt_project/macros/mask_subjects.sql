{#
    A relation with a column of subjects -> the same relation, names and postal addresses in that column masked as in prose,
    and the name in a subject that a help desk gives to a chat or a call by itself ("Conversation with Nora Voss").
#}
{% macro mask_subjects(relation, column) %}{{ return(adapter.dispatch('mask_subjects', 'assay')(relation, column)) }}{% endmacro %}

{% macro default__mask_subjects(relation, column) %}
{%- set given = '^((?i:(?:missed |abandoned )?(?:chat|conversation|call|phone call|voicemail|message|sms|chat transcript|unterhaltung|gespr[äa]ch|anruf|nachricht|conversaci[óo]n|llamada|mensaje)'
    ~ ' (?:with|from|to|mit|von|an|con|de))[:]? )\\p{Lu}.*$' -%}
{{ default__mask_names_and_addresses(
    '(select * replace (regexp_replace(' ~ column ~ ", '" ~ given ~ "', '\\1[name]') as " ~ column ~ ') from ' ~ relation ~ ')',
    column
) }}
{%- endmacro %}

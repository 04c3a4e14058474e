{# The text of an HTML body: tags out, line ends for blocks, the few entities that matter decoded. #}
{% macro strip_html(column) %}
    {{- return(adapter.dispatch('strip_html', 'assay')(column)) -}}
{% endmacro %}

{% macro default__strip_html(column) -%}
    trim(replace(replace(replace(replace(replace(replace(
        regexp_replace(
            regexp_replace({{ column }}, '<(br|/p|/div|/li|/tr)[^<>]*>', chr(10), 'gi'),
            '<[a-zA-Z/!][^<>]*>', '', 'g'
        ),
        '&nbsp;', ' '), '&lt;', '<'), '&gt;', '>'), '&quot;', '"'), '&#39;', ''''), '&amp;', '&'),
    ' ' || chr(9) || chr(10) || chr(13))
{%- endmacro %}

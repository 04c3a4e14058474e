{#
  What the latest version of each record says of one thing, null where that version says nothing: an older version's
  word does not stand for it. A version without a time is older than every dated one, and of equal times the record's
  hash decides, so that any order of loading gives the same.
#}
{% macro of_latest(value, times=['updated_at'], hash='record_hash') -%}
(arg_max(
            {'value': {{ value }}},
            (
                {%- for time in times %}
                coalesce({{ time }}, timestamptz '-infinity'),
                {%- endfor %}
                {{ hash }}
            )
        )).value
{%- endmacro %}

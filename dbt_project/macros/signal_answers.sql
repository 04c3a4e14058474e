{# Why a conversation gets no value, or null where it can be judged. `said` holds a row where the customer wrote words. #}
{% macro abstain_reason(languages) -%}
case
    when said.conversation_id is null then 'no customer words'
    when conversations.language not in ('{{ languages | join("', '") }}') then 'language not spoken'
end
{%- endmacro %}

{#- Columns every classifier ends with, after value, confidence and abstain_reason. -#}
{% macro classified_by(classifier, pack) -%}
'{{ classifier }}' as classifier,
    '{{ pack_version(pack) }}' as classifier_version
{%- endmacro %}

{#
    What a metric's units are told apart by, as they stood when the unit was counted: where it comes from, and the six
    dimensions. They travel with the unit, so that a metric of an earlier version is never joined to what is true today.
#}
{% macro dimensions(relation) -%}
{{ relation }}.source,
    {{ relation }}.opened_on,
    {{ relation }}.driver,
    {{ relation }}.primary_canonical_tag as canonical_tag,
    {{ relation }}.channel,
    {{ relation }}.segment,
    {{ relation }}.language,
    {{ relation }}.complexity
{%- endmacro %}

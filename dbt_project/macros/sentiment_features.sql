{#
    What a text is judged by, from what was found in it: `measured` has praise, complaint, pull (sums of whole numbers,
    none below zero but pull), characters, asks, ends_asking, exclaims. Added or put in their place are columns named as
    the features of seed sentiment_decision; the others stay.

    Sums are divided by the root of the length: a long account collects more weak words than a short one, but not in
    proportion. Only division and roots, which every machine rounds alike.
#}
{% macro sentiment_features(measured) %}{{ return(adapter.dispatch('sentiment_features', 'assay')(measured)) }}{% endmacro %}

{% macro default__sentiment_features(measured) %}
select
    * replace (
        praise / root as praise,
        complaint / root as complaint,
        pull / root as pull,
        asks::integer::double as asks,
        ends_asking::integer::double as ends_asking,
        exclaims::integer::double as exclaims
    ),
    1.0::double as bias,
    10.0::double / root as shortness,
    least(praise, complaint) / root as mixed
from (select *, sqrt(characters + 20.0::double) as root from {{ measured }})
{%- endmacro %}

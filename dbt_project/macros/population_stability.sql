{#
    How far a mix drifted between two periods: the population stability index over the members of `column`, the sum of
    (p1 - p0) × ln(p1 / p0). `units`: a relation or query with is_later. One row, null where a period has no units.
    A member of one period alone counts as half a unit in the other: a logarithm of nothing has no value.
#}
{% macro population_stability(units, column) -%}
{{ return(adapter.dispatch('population_stability')(units, column)) }}
{%- endmacro %}

{% macro default__population_stability(units, column) -%}
select sum((later - earlier) * ln(later / earlier)) as stability_index
from (
    select
        greatest(count(*) filter (not is_later), 0.5) / nullif(sum(count(*) filter (not is_later)) over (), 0) as earlier,
        greatest(count(*) filter (is_later), 0.5) / nullif(sum(count(*) filter (is_later)) over (), 0) as later
    from {{ units }}
    group by {{ column }}
)
{%- endmacro %}

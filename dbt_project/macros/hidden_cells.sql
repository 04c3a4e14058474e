{#
    Which cells to hide: those that are below the smallest, and as many of the next ones as it takes for the hidden ones of a
    group to be of `smallest` conversations or more together, which are two cells at least, and of a share neither all
    counted nor none: for a reader knows the group's total and takes the shown ones from it.
    Grain of `cells`: metric × version × period_start × within × member, with numerator, denominator, conversations, value_kind
    and is_below. The total of all that is `within` the same is known. Adds is_hidden.
#}
{% macro hidden_cells(cells, smallest) -%}
select
    * exclude (conversations_before, numerator_before, denominator_before),
    -- the smallest come first, so what is hidden before a cell only grows: it is enough, or the cell is hidden too
    bool_or(is_below) over (partition by metric, version, period_start, within) and (
        is_below
        or conversations_before < {{ smallest }}
        or (value_kind = 'share' and not (numerator_before > 0 and numerator_before < denominator_before))
    ) as is_hidden
from (
    select
        *,
        coalesce(sum(conversations) over smaller, 0) as conversations_before,
        coalesce(sum(numerator) over smaller, 0) as numerator_before,
        coalesce(sum(denominator) over smaller, 0) as denominator_before
    from {{ cells }}
    window smaller as (
        partition by metric, version, period_start, within
        order by is_below desc, conversations, member
        rows between unbounded preceding and 1 preceding
    )
)
{%- endmacro %}

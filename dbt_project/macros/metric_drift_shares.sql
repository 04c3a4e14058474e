{#
    Part of metric_drift: every member's share in the period, or the last two together, against that in the baseline, and
    what of the difference may be chance. Reads periods and spread; leaves shared.
#}
{% macro default__metric_drift_shares() -%}
{%- set sequence = 'partition by metric, season, dimension, member order by place rows between' -%}
-- people write more than once, so shares waver by more than conversations drawn one by one would: how much more is told by
-- neighbouring periods, of which each member's squared difference, in errors, is 1 where there is nothing to it
wavering as (

    select
        metric,
        season,
        place,
        dimension,
        units,
        lag(units) over in_order as units_last,
        conversations,
        lag(conversations) over in_order as conversations_last,
        (conversations + conversations_last) / nullif(units + units_last, 0) as share,
        case when conversations + conversations_last >= min_conversations / 5 and share < 1
            then (conversations / nullif(units, 0) - conversations_last / nullif(units_last, 0)) ^ 2
                / (share * (1 - share) * (1 / nullif(units, 0) + 1 / nullif(units_last, 0)))
        end as excess
    from (
        select *, sum(conversations) over (partition by metric, season, place, dimension) as units
        from spread
    ) as counted
    window in_order as (partition by metric, season, dimension, member order by place)

),

-- twenty that say 1 stand before, for a few that say 2 say little; of the last two periods nothing is asked, in which the
-- drift itself may be
unsteady as (

    select
        metric,
        season,
        place,
        dimension,
        greatest(1, (20 + coalesce(sum(sum(excess)) over earlier, 0)) / (20 + coalesce(sum(count(excess)) over earlier, 0)))
            as overdispersion
    from wavering
    group by metric, season, place, dimension
    window earlier as (
        partition by metric, season, dimension order by place rows between unbounded preceding and 2 preceding
    )

),

-- width: so many of the last periods together
compared as (
{%- for width in [1, 2] %}
    select
        metric,
        season,
        place,
        dimension,
        member,
        {{ width }} as width,
        {%- for counted in ['conversations', 'numerator', 'denominator'] %}
        sum({{ counted }}) over ({{ sequence }} {{ width - 1 }} preceding and current row) as {{ counted }}_now,
        case
            when is_since_published
                then sum({{ counted }}) filter (is_published_baseline) over (partition by metric, season, dimension, member)
            else sum({{ counted }}) over (
                {{ sequence }} baseline_periods + {{ width - 1 }} preceding and {{ width }} preceding
            )
        end as {{ counted }}_before{{ "," if not loop.last }}
        {%- endfor %}
    from spread
    qualify comparable >= {{ width }}
    {{ 'union all' if not loop.last }}
{%- endfor %}
),

shared as materialized (

    select
        compared.*,
        periods.value_kind,
        periods.baseline_periods,
        periods.comparable,
        periods.min_conversations,
        sum(conversations_now) over whole as all_now,
        sum(conversations_before) over whole as all_before,
        conversations_now / nullif(all_now, 0) as share_now,
        conversations_before / nullif(all_before, 0) as share_before,
        share_now - share_before as change,
        greatest(conversations_now / width, conversations_before / periods.baseline_periods) as a_period,
        least(all_now / width, all_before / periods.baseline_periods) >= periods.min_conversations as is_enough,
        (conversations_now + conversations_before) / (all_now + all_before) as share_of_both,
        -- of so many members the furthest is further by chance alone
        count(*) filter (a_period >= periods.min_conversations) over of_period as members,
        sqrt(periods.standard_errors ^ 2 + 2 * ln(greatest(members, 1)))
        * sqrt(
            unsteady.overdispersion
            * share_of_both * (1 - share_of_both) * (1 / nullif(all_now, 0) + 1 / nullif(all_before, 0))
        ) as chance
    from compared
    inner join periods
        on compared.metric = periods.metric and compared.season = periods.season and compared.place = periods.place
    inner join unsteady
        on compared.metric = unsteady.metric and compared.season = unsteady.season and compared.place = unsteady.place
            and compared.dimension = unsteady.dimension
    where compared.conversations_now + compared.conversations_before > 0
    window
        whole as (
            partition by compared.metric, compared.season, compared.place, compared.dimension, compared.width
        ),
        of_period as (partition by compared.metric, compared.season, compared.place, compared.width)

),
{%- endmacro %}

{#
    What the numbers of conversations tell of those that never arrived. `numbered`: a relation or query of source, day and
    id, a whole number, each once. A help desk that numbers its tickets one after the other leaves no long gap.

    An id has its stretch: the numbers up to the next id that arrived. Of the stretches of a day a usual share are ids:
    the median over four weeks before and after; what a day lacks of it never arrived. A gap far longer than 99 in 100 is
    a hole (of gaps left by chance, one in a billion is so long), and is a slice of its own: nothing of it was loaded. A
    hole with days in it on which nothing arrived is shared among those days. Deleted and merged tickets arrive as such and
    leave no gap. Of a source with a lower share of ids than `least_share` on most days, numbers tell nothing.
#}
{% macro ids_witness(numbered, deviations, least_share, hole_gaps) -%}
{{ return(adapter.dispatch('ids_witness')(numbered, deviations, least_share, hole_gaps)) }}
{%- endmacro %}

{% macro default__ids_witness(numbered, deviations, least_share, hole_gaps) -%}
with

gaps as (

    select
        *,
        next_id - id as gap
    from (
        select
            *,
            lead(id) over following as next_id,
            lead(day) over following as next_day
        from {{ numbered }}
        window following as (partition by source order by id)
    )

),

usual_gaps as (

    select
        source,
        quantile_disc(gap, 0.99) * {{ hole_gaps }} as hole_from
    from gaps
    group by all
    -- otherwise the numbers are not given one after the other
    having median(gap) <= 1 / {{ least_share }}

),

holes as (

    select
        gaps.*,
        -- days inside the hole on which nothing of the source arrived; nobody tells how a longer pause is to be shared
        case
            when gaps.next_day - gaps.day <= 28 then list_filter(
                range(gaps.day + 1, gaps.next_day, interval 1 day)::date[], lambda day: not list_contains(days.days, day)
            )
            else []
        end as lost_days
    from gaps
    inner join usual_gaps
        on gaps.source = usual_gaps.source and gaps.gap > usual_gaps.hole_from
    inner join (select source, list(distinct day) as days from {{ numbered }} group by all) as days
        on gaps.source = days.source

),

days as (

    select source, day, sum(reach) as reach, sum(arrived) as arrived
    from (
        select source, day, sum(gap) as reach, count(*) as arrived
        from gaps
        group by all
        union all
        select source, day, -sum(gap - 1), 0
        from holes
        where len(lost_days) > 0
        group by all
        union all
        select source, unnest(lost_days), (gap - 1) / len(lost_days), 0
        from holes
        where len(lost_days) > 0
    )
    group by all

),

shares as (

    select
        days.*,
        median(arrived / reach) over around as share
    from days
    inner join usual_gaps
        on days.source = usual_gaps.source
    where reach > 0
    window around as (
        partition by days.source order by day range between interval 28 days preceding and interval 28 days following
    )

),

measured as (

    select
        *,
        -- half a conversation at least: a stretch that ends with its day is cut anywhere
        greatest(0.5, 1.4826 * sqrt(reach) * mad((arrived - reach * share) / sqrt(reach)) over around) as scatter
    from shares
    window around as (
        partition by source order by day range between interval 28 days preceding and interval 28 days following
    )

),

-- a little missing on every day of a week is plain only over the week
periods as (

    select
        source,
        period_kind,
        date_trunc(period_kind, day)::date as period_start,
        sum(reach * share) as expected,
        {{ deviations }} * sqrt(sum(scatter ^ 2)) as margin,
        sum(arrived) as loaded
    from measured
    cross join (values ('day'), ('week')) as kinds (period_kind)
    group by all

)

select
    source,
    period_kind,
    period_start,
    '' as slice_kind,
    '' as slice,
    expected,
    greatest(expected - margin, 0) as expected_low,
    expected + margin as expected_high,
    loaded,
    expected as expected_in_week
from periods
union all
select
    holes.source,
    'day',
    holes.day,
    'id range',
    (holes.id + 1) || ' to ' || (holes.next_id - 1),
    (holes.gap - 1) * measured.share as missing,
    greatest(missing - {{ deviations }} * greatest(0.5, sqrt(missing * (1 - measured.share))), 0),
    holes.gap - 1,
    0,
    weeks.expected
from holes
inner join measured
    on holes.source = measured.source and holes.day = measured.day
inner join periods as weeks
    on holes.source = weeks.source and weeks.period_kind = 'week' and date_trunc('week', holes.day) = weeks.period_start
where len(holes.lost_days) = 0
{%- endmacro %}

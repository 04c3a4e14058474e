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
        -- days inside the hole on which nothing of the source arrived
        list_filter(
            range(gaps.day + 1, gaps.next_day, interval 1 day)::date[], lambda day: not list_contains(days.days, day)
        ) as lost_days
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
        greatest(0.5, 1.4826 * sqrt(reach) * mad((arrived - reach * share) / sqrt(reach)) over around) as scatter,
        sum(reach * share) over (partition by source, date_trunc('week', day)) as expected_in_week
    from shares
    window around as (
        partition by source order by day range between interval 28 days preceding and interval 28 days following
    )

)

select
    source,
    day,
    '' as slice_kind,
    '' as slice,
    reach * share as expected,
    greatest(reach * share - {{ deviations }} * scatter, 0) as expected_low,
    reach * share + {{ deviations }} * scatter as expected_high,
    arrived as loaded,
    expected_in_week
from measured
union all
select
    holes.source,
    holes.day,
    'id range',
    (holes.id + 1) || ' to ' || (holes.next_id - 1),
    (holes.gap - 1) * measured.share as expected,
    greatest(expected - {{ deviations }} * greatest(0.5, sqrt((holes.gap - 1) * measured.share * (1 - measured.share))), 0),
    holes.gap - 1,
    0,
    measured.expected_in_week
from holes
inner join measured
    on holes.source = measured.source and holes.day = measured.day
{%- endmacro %}

{#
    How far what a metric counts has drifted from its baseline: the b complete periods before, of days and hours those of
    the same weekday (and hour). Effect sizes with minimum counts; a change within chance is none.
    `counts`: as metric_counts, with any further dimension as cells like its own. `controls`: metric, cadence, value_kind,
    baseline_periods (b), published_at, min_conversations, standard_errors. `bounds`: metric, bound_name, bound. `announced`: day, scope
    (a metric or *), measure (a dimension, a measure or *), until (null is open), what.
    Where published_at is known, every period since is told against the b complete ones before it: what crept in since
    the launch is never the baseline.
    Grain: metric × version × period × measure. Measures, of each dimension d and of the whole:

    d_mix           population stability index, sum of (p1 - p0) × ln(p1 / p0); beside it the Jensen-Shannon distance,
                    base 2. Members below a tenth of min_conversations are one, the rest: an index over many small
                    members is chance. A member of one side alone counts as half a unit on the other.
    d_shift         the largest change of a member's share, in points, of the period or of the last two together, among
                    the n members with min_conversations a period; 0 unless above sqrt(standard_errors² + 2 ln n)
                    errors of its own, as the furthest of so many is by chance.
    unmapped_share  of the period, without a known tag.
    volume          what the smaller of the period's units and the median of the baseline lacks of the larger; 0 within
                    the band: `standard_errors` of a count's own error, or of the baseline's median deviation.
    creep           of a share: cumulative sum. Of the last 1 to 2b periods those whose mean is furthest, in standard
                    errors, from that of the b periods before them all; how far, in points. Of 2b runs the furthest must
                    exceed sqrt(standard_errors² + 2 ln 2b) errors, as the largest of so many does by chance.
    value_creep     the same of another value, as a share of it; where none is below 0, of its logarithms.
    unmapped_creep  the same of the share without a known tag, in points.

    baseline, current: the named member's shares; of volume and creep the values. since: the first period of the
    excursion. moved_value: what the change of mix alone, rates held, did to the value; is_reversed: the value moved one
    way and at a constant mix had moved the other. not_measured: why `measured` is null.
#}
{% macro metric_drift(counts, controls, bounds, announced) -%}
{{ return(adapter.dispatch('metric_drift')(counts, controls, bounds, announced)) }}
{%- endmacro %}

{% macro default__metric_drift(counts, controls, bounds, announced) -%}
with

-- of days and hours, those of the same weekday and hour are a row of their own
complete as (

    select
        counts.*,
        controls.value_kind,
        controls.baseline_periods,
        controls.published_at,
        controls.min_conversations,
        controls.standard_errors,
        case controls.cadence
            when 'hour' then 24 * dayofweek(counts.period_start) + hour(counts.period_start)
            when 'day' then dayofweek(counts.period_start)
            else 0
        end as season
    from {{ counts }} as counts
    inner join {{ controls }} as controls
        on counts.metric = controls.metric
    where counts.is_complete

),

-- place: the how-manieth of its row. comparable: so many of the last periods, together, have a whole baseline to be told
-- against
periods as materialized (

    select
        *,
        published_at is not null and place > published_place as is_since_published,
        published_at is not null and place between published_place - baseline_periods + 1 and published_place
            as is_published_baseline,
        case
            when not is_since_published then greatest(place - baseline_periods, 0)
            when published_place < baseline_periods then 0
            else place - published_place
        end as comparable
    from (
        select
            *,
            row_number() over of_season as place,
            count(*) filter (period_start + ('1 ' || cadence)::interval <= published_at) over (partition by metric, season)
                as published_place
        from complete
        where dimension = 'all'
        window of_season as (partition by metric, season order by period_start)
    ) as placed

),

cells as materialized (

    select
        metric,
        period_start,
        dimension,
        coalesce(member, 'unknown') as member,
        sum(conversations) as conversations,
        sum(numerator) as numerator,
        -- a count is told by its units
        sum(case when value_kind = 'count' then conversations else denominator end) as denominator
    from complete
    where dimension not in ('all', 'complexity')
    group by all

),

-- a member has a place in every period: that it is gone is news
spread as materialized (

    select
        periods.metric,
        periods.season,
        periods.place,
        periods.is_since_published,
        periods.is_published_baseline,
        periods.comparable,
        periods.baseline_periods,
        periods.min_conversations,
        members.dimension,
        members.member,
        coalesce(cells.conversations, 0)::double as conversations,
        coalesce(cells.numerator, 0) as numerator,
        coalesce(cells.denominator, 0)::double as denominator
    from periods
    inner join (select distinct metric, dimension, member from cells) as members
        on periods.metric = members.metric
    left join cells
        on periods.metric = cells.metric
            and periods.period_start = cells.period_start
            and members.dimension = cells.dimension
            and members.member = cells.member

),

{{ default__metric_drift_shares() }}

{{ default__metric_drift_mix() }}

{{ default__metric_drift_wholes() }}

{{ default__metric_drift_measures(controls, bounds) }}

-- an excursion is periods in a row above the bound
excursions as (

    select
        *,
        sum((not is_over)::integer) over (partition by metric, season, measure order by place) as excursion
    from judged

),

dated as (

    select
        *,
        case when is_over then min(started) over (partition by metric, season, measure, excursion, is_over) end as since
    from excursions

)

select
    dated.metric,
    dated.version,
    dated.period_start,
    dated.measure,
    dated.slice_kind,
    dated.slice,
    dated.counterpart,
    dated.measured,
    dated.bound_name,
    dated.bound,
    dated.is_over,
    dated.js,
    dated.baseline,
    dated.current,
    dated.conversations,
    dated.baseline_conversations,
    dated.since,
    dated.moved_value,
    dated.is_reversed,
    dated.not_measured,
    (
        select string_agg(announced.what, '; ' order by announced.day, announced.what)
        from {{ announced }} as announced
        where announced.scope in ('*', dated.metric)
            and announced.measure in ('*', dated.measure, dated.slice_kind)
            and dated.period_start <= coalesce(announced.until, 'infinity')
            and announced.day >= dated.since - ('1 ' || dated.cadence)::interval
            and announced.day < dated.since + ('1 ' || dated.cadence)::interval
    ) as announced
from dated
{%- endmacro %}

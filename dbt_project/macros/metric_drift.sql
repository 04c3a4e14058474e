{#
    How far what a metric counts has drifted from its baseline: the b complete periods before, of days and hours those of
    the same weekday (and hour). Effect sizes with minimum counts; a change within chance is none.
    `counts`: as metric_counts, with any further dimension as cells like its own. `controls`: metric, cadence, value_kind,
    baseline_periods (b), min_conversations, standard_errors. `bounds`: metric, bound_name, bound. `announced`: day, scope
    (a metric or *), what.
    Grain: metric × version × period × measure. Measures, of each dimension d and of the whole:

    d_mix           population stability index, sum of (p1 - p0) × ln(p1 / p0); beside it the Jensen-Shannon distance,
                    base 2. Members below a tenth of min_conversations are one, the rest: an index over many small
                    members is chance. A member of one side alone counts as half a unit on the other.
    d_shift         the largest change of a member's share, in points, of the period or of the last two together, among
                    members with min_conversations a period; 0 unless above `standard_errors` of its own error.
    unmapped_share  of the period, without a known tag.
    volume          what the smaller of the period's units and the median of the baseline lacks of the larger; 0 within
                    the band: `standard_errors` of a count's own error, or of the baseline's median deviation.
    creep           of a share: cumulative sum. Of the last 1 to 2b periods those whose mean is furthest, in standard
                    errors, from that of the b periods before them all; how far, in points.
    value_creep     the same of another value, as a share of it.
    unmapped_creep  the same of the share without a known tag, in points.

    baseline, current: the named member's shares; of volume and creep the values. since: the first period of the
    excursion. moved_value: what the change of mix alone, rates held, did to the value; is_reversed: the value moved one
    way and at a constant mix had moved the other. not_measured: why `measured` is null.
#}
{% macro metric_drift(counts, controls, bounds, announced) -%}
{{ return(adapter.dispatch('metric_drift')(counts, controls, bounds, announced)) }}
{%- endmacro %}

{% macro default__metric_drift(counts, controls, bounds, announced) -%}
{%- set sequence = 'partition by metric, season, dimension, member order by place rows between' -%}
{%- set standing = 'partition by metric, season order by place rows between' -%}
{%- set creeping = 'partition by metric, season, measure, run order by place rows between' -%}
with

-- of days and hours, those of the same weekday and hour are a row of their own
complete as (

    select
        counts.*,
        controls.value_kind,
        controls.baseline_periods,
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

-- place: the how-manieth of its row
periods as materialized (

    select *, row_number() over (partition by metric, season order by period_start) as place
    from complete
    where dimension = 'all'

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
        sum({{ counted }}) over ({{ sequence }} baseline_periods + {{ width - 1 }} preceding and {{ width }} preceding)
            as {{ counted }}_before{{ "," if not loop.last }}
        {%- endfor %}
    from spread
    qualify place - {{ width }} >= baseline_periods
    {{ 'union all' if not loop.last }}
{%- endfor %}
),

shared as materialized (

    select
        compared.*,
        periods.value_kind,
        periods.baseline_periods,
        periods.min_conversations,
        sum(conversations_now) over whole as all_now,
        sum(conversations_before) over whole as all_before,
        conversations_now / nullif(all_now, 0) as share_now,
        conversations_before / nullif(all_before, 0) as share_before,
        share_now - share_before as change,
        greatest(conversations_now / width, conversations_before / periods.baseline_periods) as a_period,
        least(all_now / width, all_before / periods.baseline_periods) >= periods.min_conversations as is_enough,
        (conversations_now + conversations_before) / (all_now + all_before) as share_of_both,
        periods.standard_errors
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
    window whole as (
        partition by compared.metric, compared.season, compared.place, compared.dimension, compared.width
    )

),

-- with w a member's share of the denominator, r its value and R the total, the rate is (w0 + w1) / 2 × (r1 - r0), as in
-- metric_movement; what of R1 - R0 is no rate is mix. Of a count, w are the units of a period
weighed as (

    select
        *,
        case when value_kind = 'count' then width else nullif(sum(denominator_now) over whole, 0) end as weight_now,
        case when value_kind = 'count' then baseline_periods else nullif(sum(denominator_before) over whole, 0) end
            as weight_before
    from shared
    where value_kind in ('share', 'mean', 'count')
    window whole as (partition by metric, season, place, dimension, width)

),

effects as (

    select
        metric,
        season,
        place,
        dimension,
        width,
        sum(numerator_now) / any_value(weight_now) - sum(numerator_before) / any_value(weight_before) as moved,
        sum(coalesce(
            (denominator_now / weight_now + denominator_before / weight_before) / 2
            * (numerator_now / nullif(denominator_now, 0) - numerator_before / nullif(denominator_before, 0)),
            0
        )) as rate
    from weighed
    group by all

),

candidates as (

    select *, 'mix' as kind, false as is_sure
    from shared
    where width = 1 and a_period >= min_conversations / 10
    union all
    -- two periods are surer than one; where the last alone differs more, it is the first to differ
    select
        *,
        'shift' as kind,
        bool_or(width = 2 and abs(change) > chance) over (partition by metric, season, place, dimension, member) as is_sure
    from shared
    where is_enough and place > baseline_periods + 1
    qualify a_period >= min_conversations

),

-- the member that moved most, and which moved most the other way
named as (

    select
        *,
        -- two members that trade places move by the same, but for rounding: the one that grew is named
        row_number() over (
            partition by metric, season, place, dimension, kind
            order by is_sure desc, round(abs(change), 12) desc, change desc, member
        ) as rank,
        case
            when change > 0 and min(change) over whole < 0 then arg_min(member, change) over whole
            when change < 0 and max(change) over whole > 0 then arg_max(member, change) over whole
        end as counterpart
    from candidates
    window whole as (partition by metric, season, place, dimension, kind, width)
    qualify rank = 1

),

folded as (

    select
        metric,
        season,
        place,
        dimension,
        case when a_period >= min_conversations / 10 then member end as kept,
        any_value(is_enough) as is_enough,
        any_value(all_now) as all_now,
        any_value(all_before) as all_before,
        sum(conversations_now) / nullif(any_value(all_now), 0) as share_now,
        sum(conversations_before) / nullif(any_value(all_before), 0) as share_before,
        -- a logarithm of nothing has no value
        greatest(sum(conversations_now), 0.5) / nullif(any_value(all_now), 0) as later,
        greatest(sum(conversations_before), 0.5) / nullif(any_value(all_before), 0) as earlier
    from shared
    where width = 1
    group by all

),

mixes as (

    select
        metric,
        season,
        place,
        dimension,
        1 as width,
        any_value(all_now)::bigint as conversations,
        any_value(all_before)::bigint as baseline_conversations,
        case
            when any_value(all_now) = 0 then 'nothing was counted in the period'
            when not any_value(is_enough) then 'too few were counted in the period or its baseline'
            when count(*) = 1 and any_value(kept) in ('unknown', 'none') then 'no ' || dimension || ' is known'
        end as not_measured,
        sum((later - earlier) * ln(later / earlier)) as measured,
        sqrt(greatest(0, sum(
            case when share_now > 0 then share_now * log2(2 * share_now / (share_now + share_before)) else 0 end
            + case when share_before > 0 then share_before * log2(2 * share_before / (share_now + share_before)) else 0 end
        ) / 2)) as js
    from folded
    group by metric, season, place, dimension

),

-- the share without a known tag is itself a member's
unmapped as materialized (

    select
        spread.metric,
        spread.season,
        spread.place,
        sum(conversations) filter (member = 'unmapped') as unmapped,
        sum(conversations) as conversations
    from spread
    where dimension = 'driver'
    group by all

),

crept as (

    select
        metric,
        season,
        place,
        case when value_kind = 'share' then 'creep' else 'value_creep' end as measure,
        value,
        case when value_kind = 'share' then numerator end as numerator,
        case when value_kind = 'share' then denominator end as denominator,
        conversations::double as conversations,
        baseline_periods,
        min_conversations,
        standard_errors
    from periods
    union all
    select
        periods.metric,
        periods.season,
        periods.place,
        'unmapped_creep' as measure,
        coalesce(unmapped.unmapped, 0) / nullif(unmapped.conversations, 0) as value,
        coalesce(unmapped.unmapped, 0) as numerator,
        unmapped.conversations as denominator,
        unmapped.conversations,
        periods.baseline_periods,
        periods.min_conversations,
        periods.standard_errors
    from periods
    inner join unmapped
        on periods.metric = unmapped.metric and periods.season = unmapped.season and periods.place = unmapped.place

),

-- run: so many of the last periods, up to twice the baseline, against the baseline before them all
runs as (

    select
        *,
        value - lag(value) over (partition by metric, season, measure, run order by place) as step
    from crept
    cross join generate_series(1, 2 * (select max(baseline_periods) from crept)) as series (run)
    where run <= 2 * baseline_periods

),

summed as (

    select
        metric,
        season,
        place,
        measure,
        run,
        standard_errors,
        denominator is not null as is_share,
        {%- for window, span in {
            'now': 'run - 1 preceding and current row',
            'before': '3 * baseline_periods - 1 preceding and 2 * baseline_periods preceding',
        }.items() %}
        sum(conversations) over ({{ creeping }} {{ span }}) as conversations_{{ window }},
        sum(denominator) over ({{ creeping }} {{ span }}) as denominator_{{ window }},
        case
            when is_share
                then sum(numerator) over ({{ creeping }} {{ span }}) / nullif(denominator_{{ window }}, 0)
            else avg(value) over ({{ creeping }} {{ span }})
        end as value_{{ window }},
        {%- endfor %}
        -- what one period differs from the next by tells their noise, whatever creeps: of two alike it is 1.128 deviations
        avg(abs(step)) over ({{ creeping }} unbounded preceding and current row) / 1.128
        * sqrt(1 / run + 1 / baseline_periods) as unsteadiness,
        (value_now * denominator_now + value_before * denominator_before) / (denominator_now + denominator_before)
            as share_of_both,
        greatest(
            unsteadiness,
            coalesce(sqrt(share_of_both * (1 - share_of_both) * (1 / denominator_now + 1 / denominator_before)), 0)
        ) as error,
        abs(value_now - value_before) as excess,
        case
            when place < 3 * baseline_periods
                then 'creep is told against ' || 3 * baseline_periods || ' periods, and there are ' || place
            when least(conversations_now / run, conversations_before / baseline_periods) < min_conversations
                then 'too few were counted in the period or its baseline'
            when value_now is null or value_before is null then 'its value is null'
        end as not_measured
    from runs

),

creeps as (

    select *
    from summed
    qualify row_number() over (
        partition by metric, season, place, measure
        order by not_measured is not null, excess / nullif(error, 0) desc nulls last, run
    ) = 1

),

volumes as (

    select
        metric,
        season,
        place,
        conversations,
        median(conversations) over ({{ standing }} baseline_periods preceding and 1 preceding) as usual,
        mad(conversations) over ({{ standing }} baseline_periods preceding and 1 preceding) as deviation,
        -- 1.4826 deviations from the median are one from the mean of what is normal
        abs(conversations - usual)
        > standard_errors * greatest(1.4826 * deviation, sqrt(usual * (1 + 1 / baseline_periods))) as is_sure,
        greatest(conversations, usual) >= min_conversations as is_enough
    from periods

),

found as (

    select
        mixes.metric,
        mixes.season,
        mixes.place,
        mixes.dimension || '_mix' as measure,
        mixes.width,
        mixes.dimension as slice_kind,
        named.member as slice,
        named.counterpart,
        case when mixes.not_measured is null then mixes.measured end as measured,
        case when mixes.not_measured is null then mixes.js end as js,
        named.share_before as baseline,
        named.share_now as current,
        mixes.conversations,
        mixes.baseline_conversations,
        mixes.not_measured
    from mixes
    left join named
        on mixes.metric = named.metric and mixes.season = named.season and mixes.place = named.place
            and mixes.dimension = named.dimension and named.kind = 'mix'
    union all
    select
        metric,
        season,
        place,
        dimension || '_shift',
        width,
        dimension,
        member,
        counterpart,
        case when is_sure then abs(change) else 0 end,
        null,
        share_before,
        share_now,
        all_now::bigint,
        all_before::bigint,
        null
    from named
    where kind = 'shift'
    union all
    select
        metric,
        season,
        place,
        'unmapped_share',
        1,
        'driver',
        'unmapped',
        null,
        case when is_enough then coalesce(sum(conversations_now) filter (member = 'unmapped'), 0) / all_now end,
        null,
        coalesce(sum(conversations_before) filter (member = 'unmapped'), 0) / nullif(all_before, 0),
        coalesce(sum(conversations_now) filter (member = 'unmapped'), 0) / nullif(all_now, 0),
        all_now::bigint,
        all_before::bigint,
        case
            when all_now = 0 then 'nothing was counted in the period'
            when not is_enough then 'too few were counted in the period or its baseline'
        end
    from shared
    where dimension = 'driver' and width = 1
    group by metric, season, place, is_enough, all_now, all_before
    union all
    select
        metric,
        season,
        place,
        'volume',
        1,
        null,
        'all',
        null,
        case
            when not is_enough then null
            when is_sure then abs(conversations - usual) / greatest(conversations, usual)
            else 0
        end,
        null,
        usual,
        conversations,
        conversations,
        null,
        case when not is_enough then 'too few were counted in the period and its baseline' end
    from volumes
    union all
    select
        metric,
        season,
        place,
        measure,
        run,
        null,
        'all',
        null,
        case
            when not_measured is not null then null
            when excess > standard_errors * error then excess / case when is_share then 1 else abs(value_before) end
            else 0
        end,
        null,
        value_before,
        value_now,
        conversations_now::bigint,
        conversations_before::bigint,
        not_measured
    from creeps

),

measures as (

    select metric, dimension || kind as measure, dimension, least_width
    from (select distinct metric, dimension from cells)
    cross join (values ('_mix', 1), ('_shift', 2)) as kinds (kind, least_width)
    union all
    select controls.metric, wholes.measure, null, 1
    from {{ controls }} as controls
    cross join (
        values ('unmapped_share'), ('volume'), ('creep'), ('value_creep'), ('unmapped_creep')
    ) as wholes (measure)
    where (wholes.measure != 'creep' or controls.value_kind = 'share')
        and (wholes.measure != 'value_creep' or controls.value_kind != 'share')

),

-- one row per measure asked of every period, found or not
judged as (

    select
        periods.metric,
        periods.version,
        periods.cadence,
        periods.season,
        periods.place,
        periods.period_start,
        measures.measure,
        coalesce(found.slice_kind, measures.dimension) as slice_kind,
        found.slice,
        found.counterpart,
        periods.place - measures.least_width as places_before,
        case when places_before >= periods.baseline_periods then found.measured end as measured,
        case when places_before >= periods.baseline_periods then found.js end as js,
        found.baseline,
        found.current,
        coalesce(found.conversations, periods.conversations) as conversations,
        found.baseline_conversations,
        found.width,
        case when measures.measure in ('creep', 'value_creep') then found.current - found.baseline else effects.moved - effects.rate end
            as moved_value,
        coalesce(effects.moved * effects.rate < 0, false) as is_reversed,
        bounds.bound,
        case
            when places_before < periods.baseline_periods
                then 'its baseline is short: ' || greatest(places_before, 0) || ' of ' || periods.baseline_periods
                    || ' complete periods'
            when found.measure is null and measures.least_width = 2
                then 'no ' || measures.dimension || ' has ' || periods.min_conversations || ' units a period'
            when found.measure is null then 'nothing was counted in the period and its baseline'
            else found.not_measured
        end as not_measured,
        starts.period_start as started,
        coalesce(measured > bounds.bound, false) as is_over
    from periods
    inner join measures
        on periods.metric = measures.metric
    left join found
        on periods.metric = found.metric and periods.season = found.season and periods.place = found.place
            and measures.measure = found.measure
    left join effects
        on periods.metric = effects.metric and periods.season = effects.season and periods.place = effects.place
            and measures.dimension = effects.dimension and found.width = effects.width
    left join periods as starts
        on periods.metric = starts.metric and periods.season = starts.season
            and periods.place - found.width + 1 = starts.place
    left join {{ bounds }} as bounds
        on periods.metric = bounds.metric
            and bounds.bound_name = case
                when measures.least_width = 2 then 'member_shift'
                when measures.measure = 'unmapped_creep' then 'creep'
                else measures.measure
            end

),

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
            and announced.day >= dated.since - ('1 ' || dated.cadence)::interval
            and announced.day < dated.since + ('1 ' || dated.cadence)::interval
    ) as announced
from dated
{%- endmacro %}

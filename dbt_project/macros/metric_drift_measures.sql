{#
    Part of metric_drift: every measure of every period, found or not, held to its bound. Reads periods, cells and what
    the other parts leave; leaves judged.
#}
{% macro default__metric_drift_measures(controls, bounds) -%}
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
            when excess > standard_errors * error then creeps.measured
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

-- the shifts of all dimensions share a bound, and unmapped_creep has that of creep
measures as (

    select
        metric,
        dimension || kind as measure,
        case when kind = '_shift' then 'member_shift' else measure end as bound_name,
        dimension,
        least_width
    from (select distinct metric, dimension from cells)
    cross join (values ('_mix', 1), ('_shift', 2)) as kinds (kind, least_width)
    -- of 24 hours one or another always moves
    where dimension != 'hour' or kind = '_mix'
    union all
    select
        controls.metric,
        wholes.measure,
        case when wholes.measure = 'unmapped_creep' then 'creep' else wholes.measure end,
        case when wholes.measure = 'unmapped_share' then 'driver' end,
        1
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
        case when periods.comparable >= measures.least_width then found.measured end as measured,
        case when periods.comparable >= measures.least_width then found.js end as js,
        found.baseline,
        found.current,
        coalesce(found.conversations, periods.conversations) as conversations,
        found.baseline_conversations,
        found.width,
        case when measures.measure in ('creep', 'value_creep') then found.current - found.baseline else effects.moved - effects.rate end
            as moved_value,
        coalesce(effects.moved * effects.rate < 0, false) as is_reversed,
        measures.bound_name,
        bounds.bound,
        case
            when not periods.is_since_published and periods.comparable < measures.least_width
                then 'its baseline is short: ' || greatest(periods.place - measures.least_width, 0) || ' of '
                    || periods.baseline_periods || ' complete periods'
            when periods.comparable = 0
                then 'its baseline is short: ' || periods.published_place || ' of ' || periods.baseline_periods
                    || ' complete periods before its launch'
            when periods.comparable < measures.least_width
                then 'two periods since its launch are compared, and there is one'
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
            and measures.bound_name = bounds.bound_name

),
{%- endmacro %}

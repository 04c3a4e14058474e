{#
    Part of metric_drift: what is told of the whole alone, its creep and its volume. Reads periods and spread; leaves
    creeps and volumes.
#}
{% macro default__metric_drift_wholes() -%}
{%- set creeping = 'partition by metric, season, measure, run order by place rows between' -%}
{%- set standing = 'partition by metric, season order by place rows between' -%}
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
        is_since_published,
        is_published_baseline,
        comparable,
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
        periods.is_since_published,
        periods.is_published_baseline,
        periods.comparable,
        periods.baseline_periods,
        periods.min_conversations,
        periods.standard_errors
    from periods
    inner join unmapped
        on periods.metric = unmapped.metric and periods.season = unmapped.season and periods.place = unmapped.place

),

-- what stays above nothing wavers in proportion: a median that doubles is as far off as one that halves
waving as (

    select
        *,
        min(value) over of_metric >= 0 and max(value) over of_metric > 0 and denominator is null as is_ratio,
        case
            when is_ratio then ln(greatest(value, min(value) filter (value > 0) over of_metric / 2))
            else value
        end as told
    from crept
    window of_metric as (partition by metric, measure)

),

-- run: so many of the last periods, up to twice the baseline, against the baseline before them all
runs as (

    select
        *,
        told - lag(told) over (partition by metric, season, measure, run order by place) as step
    from waving
    cross join generate_series(1, 2 * (select max(baseline_periods) from waving)) as series (run)
    where run <= 2 * baseline_periods

),

summed as (

    select
        metric,
        season,
        place,
        measure,
        run,
        -- of so many runs the furthest is further by chance alone
        sqrt(standard_errors ^ 2 + 2 * ln(2 * baseline_periods)) as standard_errors,
        denominator is not null as is_share,
        is_ratio,
        {%- set counted = {
            'conversations': 'sum(conversations)', 'numerator': 'sum(numerator)', 'denominator': 'sum(denominator)',
            'told': 'avg(told)',
        } %}
        {%- for name, total in counted.items() %}
        {{ total }} over ({{ creeping }} run - 1 preceding and current row) as {{ name }}_now,
        case
            when is_since_published
                then {{ total }} filter (is_published_baseline) over (partition by metric, season, measure, run)
            else {{ total }} over (
                {{ creeping }} 3 * baseline_periods - 1 preceding and 2 * baseline_periods preceding
            )
        end as {{ name }}_before,
        {%- endfor %}
        {%- for window in ['now', 'before'] %}
        case when is_share then numerator_{{ window }} / nullif(denominator_{{ window }}, 0) else told_{{ window }} end
            as level_{{ window }},
        case when is_ratio then exp(level_{{ window }}) else level_{{ window }} end as value_{{ window }},
        {%- endfor %}
        -- what one period differs from the next by tells their noise, whatever creeps: of two alike it is 1.128 deviations
        avg(abs(step)) over ({{ creeping }} unbounded preceding and current row) / 1.128
        * sqrt(1 / run + 1 / baseline_periods) as unsteadiness,
        (level_now * denominator_now + level_before * denominator_before) / (denominator_now + denominator_before)
            as share_of_both,
        greatest(
            unsteadiness,
            coalesce(sqrt(share_of_both * (1 - share_of_both) * (1 / denominator_now + 1 / denominator_before)), 0)
        ) as error,
        abs(level_now - level_before) as excess,
        abs(value_now - value_before) / case when is_share then 1 else abs(value_before) end as measured,
        case
            when is_since_published and comparable = 0
                then 'its baseline is short: too few periods were complete before its launch'
            when is_since_published and comparable < run then 'so many periods have not passed since its launch'
            when not is_since_published and place < 3 * baseline_periods
                then 'creep is told against ' || 3 * baseline_periods || ' periods, and there are ' || place
            when least(conversations_now / run, conversations_before / baseline_periods) < min_conversations
                then 'too few were counted in the period or its baseline'
            when level_now is null or level_before is null then 'its value is null'
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
        {%- for usual, deviates in {'usual': 'median', 'deviation': 'mad'}.items() %}
        case
            when is_since_published
                then {{ deviates }}(conversations) filter (is_published_baseline) over (partition by metric, season)
            else {{ deviates }}(conversations) over ({{ standing }} baseline_periods preceding and 1 preceding)
        end as {{ usual }},
        {%- endfor %}
        -- 1.4826 deviations from the median are one from the mean of what is normal
        abs(conversations - usual)
        > standard_errors * greatest(1.4826 * deviation, sqrt(usual * (1 + 1 / baseline_periods))) as is_sure,
        greatest(conversations, usual) >= min_conversations as is_enough
    from periods

),
{%- endmacro %}

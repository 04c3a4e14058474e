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
{%- endmacro %}

-- Grain: metric × version × period × dimension × member, periods in which nothing was counted too (dimension `all`).
-- What metric_values tells, before the standing that the audit gives it.
{{ config(tags=['governed']) }}
{{- depends_on_metrics() }}
{%- set metrics = metrics_in_use() %}
with

sources as (

    select * from {{ ref('loaded_sources') }}

),

cells as (

    select
        null::varchar as metric,
        null::varchar as version,
        null::varchar as cadence,
        null::timestamp as period_start,
        null::varchar as dimension,
        null::varchar as member,
        null::double as numerator,
        null::double as denominator,
        null::double as value,
        null::bigint as conversations
    where false
    {% for metric in metrics %}
    union all
    {{ metric_cells(ref(metric.name), metric) }}
    {% endfor %}
),

observed as (

    select
        null::varchar as metric,
        null::timestamp as period_start,
        null::varchar as source,
        null::date as opened_on
    where false
    {% for metric in metrics %}
    union all
    select distinct '{{ metric.name }}', {{ metric_period(metric) }}, source, opened_on from {{ ref(metric.name) }}
    {% endfor %}
),

steps as (

    select
        metric,
        version,
        cadence,
        value_kind,
        grace_hours,
        coverage_above,
        systems,
        ('1 ' || cadence)::interval as step,
        case when cadence = 'hour' then '{{ metric_zone("hour") }}' else '{{ metric_zone("day") }}' end as zone
    from {{ source('loads', 'contracts') }}
    where is_read

),

-- those its units come from, and those its contract says they come from
sources_of_metrics as (

    select metric, source from observed
    union
    select metric, unnest(systems) as source from steps

),

-- how far they tell of it: a source that has ended says nothing by its silence after
told_until as (

    select sources_of_metrics.metric, max(sources.loaded_until) as loaded_until
    from sources_of_metrics
    inner join sources
        on sources_of_metrics.source = sources.source
    group by all

),

counted as (

    select metric, period_start from cells where dimension = 'all'

),

spans as (

    select
        counted.metric,
        unnest(generate_series(
            min(counted.period_start),
            any_value(told_until.loaded_until at time zone steps.zone),
            any_value(steps.step)
        )) as period_start
    from counted
    inner join steps on counted.metric = steps.metric
    inner join told_until on counted.metric = told_until.metric
    group by counted.metric

),

candidates as (

    select
        steps.*,
        found.period_start,
        found.period_start + steps.step as period_end,
        found.period_start at time zone steps.zone as started_at,
        (found.period_start + steps.step) at time zone steps.zone as ended_at
    from (
        select metric, period_start from spans
        union
        select metric, period_start from counted
    ) as found
    inner join steps on found.metric = steps.metric

),

completeness as (

    select
        candidates.metric,
        candidates.period_start,
        {{ is_complete('candidates', 'candidates.grace_hours') }} as is_complete
    from candidates
    left join sources
        on {{ waits_for('candidates') }}
    group by all

),

-- periods in which nothing was counted are periods: null or 0, as the contract's value says. Between two that were, and
-- after the last as far as they are complete: that a count fell to 0 is told
periods as (

    select candidates.*, completeness.is_complete
    from candidates
    inner join completeness
        on candidates.metric = completeness.metric and candidates.period_start = completeness.period_start
    left join counted
        on candidates.metric = counted.metric and candidates.period_start = counted.period_start
    qualify bool_or(counted.metric is not null or completeness.is_complete) over (
        partition by candidates.metric
        order by candidates.period_start
        rows between current row and unbounded following
    )

),

stated as (

    select source, day, expected, loaded
    from {{ ref('coverage') }}
    where slice_kind = '' and expected is not null

),

-- a metric covers the days its conversations were opened on, whenever it counts them, and the days of the period
-- itself: of a day that was lost there is no conversation to ask by
days as (

    select metric, period_start, source, opened_on as day from observed
    union
    select periods.metric, periods.period_start, stated.source, stated.day
    from periods
    inner join sources_of_metrics
        on periods.metric = sources_of_metrics.metric
    inner join stated
        on sources_of_metrics.source = stated.source
            and stated.day >= (periods.started_at at time zone '{{ var("business_time_zone") }}')::date
            and stated.day
            <= ((periods.ended_at - to_microseconds(1)) at time zone '{{ var("business_time_zone") }}')::date

),

-- day by day, so that no day makes up for another's lack
expectations as (

    select
        days.metric,
        days.period_start,
        min(days.day) as first_day,
        count(*) as days,
        count(stated.day) as days_measured,
        coalesce(sum(stated.expected), 0)::bigint as expected,
        coalesce(sum(least(stated.loaded, stated.expected)), 0)::bigint as loaded,
        coalesce(sum(greatest(stated.loaded - stated.expected, 0)), 0)::bigint as surplus
    from days
    left join stated
        on days.source = stated.source and days.day = stated.day
    group by all

),

coverages as (

    select
        expectations.*,
        -- where none were expected, none lack
        coalesce(expectations.loaded / nullif(expectations.expected, 0), 1) as loaded_share,
        case
            -- a day nobody stated a count for leaves the whole not measured
            when expectations.days > expectations.days_measured then null
            -- what is loaded where none were expected is no share of anything
            when expectations.expected = 0 and expectations.surplus > 0 then null
            when expectations.surplus > 0 and loaded_share > steps.coverage_above
                then 1 + expectations.surplus / expectations.expected
            else loaded_share
        end as coverage
    from expectations
    inner join steps on expectations.metric = steps.metric

)

select
    periods.metric,
    periods.version,
    periods.cadence,
    periods.period_start,
    periods.period_end,
    periods.started_at,
    periods.ended_at,
    periods.is_complete,
    coalesce(cells.dimension, 'all') as dimension,
    coalesce(cells.member, 'all') as member,
    cells.numerator,
    cells.denominator,
    case when periods.value_kind = 'count' then coalesce(cells.value, 0) else cells.value end as value,
    coalesce(cells.conversations, 0) as conversations,
    coverages.coverage,
    -- on which the first of them was opened, be it long before
    coverages.first_day,
    coalesce(coverages.days, 0) as days,
    coalesce(coverages.days_measured, 0) as days_measured,
    coalesce(coverages.expected, 0) as expected,
    coalesce(coverages.loaded, 0) as loaded,
    coalesce(coverages.surplus, 0) as surplus
from periods
left join cells
    on periods.metric = cells.metric and periods.period_start = cells.period_start
left join coverages
    on periods.metric = coverages.metric and periods.period_start = coverages.period_start

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

-- a metric covers the days its conversations were opened on, whenever it counts them
days as (

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

coverages as (

    select
        days.metric,
        days.period_start,
        -- a day nobody stated a count for leaves the whole not measured
        case when count(*) = count(coverage.expected) then sum(coverage.loaded) / nullif(sum(coverage.expected), 0) end
            as coverage
    from days
    left join {{ ref('coverage') }} as coverage
        on days.source = coverage.source and days.opened_on = coverage.day and coverage.slice_kind = ''
    group by all

),

steps as (

    select
        metric,
        version,
        cadence,
        value_kind,
        grace_hours,
        ('1 ' || cadence)::interval as step
    from {{ source('loads', 'contracts') }}
    where is_read

),

-- periods in which nothing was counted are periods: null or 0, as the contract's value says
spans as (

    select
        cells.metric,
        unnest(generate_series(
            min(cells.period_start),
            least(max(cells.period_start), (select max(loaded_until)::timestamp from sources)),
            any_value(steps.step)
        )) as period_start
    from cells
    inner join steps on cells.metric = steps.metric
    where cells.dimension = 'all'
    group by cells.metric

),

periods as (

    select
        steps.*,
        found.period_start,
        found.period_start + steps.step as period_end,
        found.period_start at time zone '{{ var("business_time_zone") }}' as started_at,
        (found.period_start + steps.step) at time zone '{{ var("business_time_zone") }}' as ended_at
    from (
        select metric, period_start from spans
        union
        select metric, period_start from cells
    ) as found
    inner join steps on found.metric = steps.metric

),

completeness as (

    select
        periods.metric,
        periods.period_start,
        {{ is_complete('periods', 'periods.grace_hours') }} as is_complete
    from periods
    left join sources
        on {{ waits_for('periods') }}
    group by all

)

select
    periods.metric,
    periods.version,
    periods.cadence,
    periods.period_start,
    periods.period_end,
    periods.started_at,
    periods.ended_at,
    completeness.is_complete,
    coalesce(cells.dimension, 'all') as dimension,
    coalesce(cells.member, 'all') as member,
    cells.numerator,
    cells.denominator,
    case when periods.value_kind = 'count' then coalesce(cells.value, 0) else cells.value end as value,
    coalesce(cells.conversations, 0) as conversations,
    coverages.coverage
from periods
inner join completeness
    on periods.metric = completeness.metric and periods.period_start = completeness.period_start
left join cells
    on periods.metric = cells.metric and periods.period_start = cells.period_start
left join coverages
    on periods.metric = coverages.metric and periods.period_start = coverages.period_start

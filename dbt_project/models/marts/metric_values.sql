-- Grain: metric × version × period × dimension × member. Every number carries its standing.
-- What cannot be relied on in one period says so there, whatever the metric's standing; of what is withheld no number is told.
{{ config(materialized='view', tags=['governed']) }}
with

counts as (

    select * from {{ ref('metric_counts') }}

),

corrections as (

    select * from {{ ref('metric_corrections') }}

),

-- written by the audit: see expectations and contracts/status.py
contracts as (

    select * from {{ metric_contracts() }}

),

standing as (

    select
        counts.*,
        corrections.value_corrected,
        corrections.value_low,
        corrections.value_high,
        contracts.title,
        contracts.unit,
        contracts.owner,
        contracts.status as metric_status,
        contracts.status_reasons as metric_reasons,
        contracts.status != 'withheld' as is_told,
        case
            when counts.expected = 0 and counts.surplus > 0 and counts.days = counts.days_measured
                then counts.surplus || ' conversations loaded where none were expected'
            when counts.coverage is null then 'coverage of the period is not measured'
            when counts.coverage > 1
                then 'more conversations than expected in the period: coverage ' || round(100 * counts.coverage, 2) || ' %'
            when counts.coverage <= contracts.coverage_above
                then 'coverage of the period is ' || round(100 * counts.coverage, 2) || ' %, not above '
                    || round(100 * contracts.coverage_above, 2) || ' %'
        end as period_reason
    from counts
    inner join contracts
        on counts.metric = contracts.metric and counts.version = contracts.version
    -- left: few metrics rest on labels, and fewer periods have enough of them
    left join corrections
        on counts.metric = corrections.metric
            and counts.version = corrections.version
            and counts.period_start = corrections.period_start
            and counts.dimension = 'all'

)

select
    metric,
    version,
    title,
    cadence,
    period_start,
    period_end,
    is_complete,
    dimension,
    member,
    case when is_told then numerator end as numerator,
    case when is_told then denominator end as denominator,
    case when is_told then value end as value,
    case when is_told then value_corrected end as value_corrected,
    case when is_told then value_low end as value_low,
    case when is_told then value_high end as value_high,
    unit,
    case when is_told then conversations end as conversations,
    case when is_told then standing.conversations < {{ var('small_cell_below') }} end as is_small,
    coverage,
    case
        when metric_status in ('active', 'provisional') and period_reason is not null then 'provisional'
        else metric_status
    end as status,
    case
        when metric_status in ('active', 'provisional') and period_reason is not null
            then list_append(metric_reasons, period_reason)
        else metric_reasons
    end as status_reasons,
    owner
from standing

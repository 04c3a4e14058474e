-- Grain: metric × version × complete period × measure: how far what the metric counts has drifted, see macro metric_drift.
-- Of a metric whose contract has no drift controls nothing is told. What is not measured says why and holds nothing against
-- a metric: where too little came, its volume says so, and a history that is short is nobody's fault.
{{ config(tags=['governed']) }}
{{- depends_on_metrics() }}
{%- set signals = ref('fct_signals') %}
{%- set metrics = metrics_in_use() %}
with

controls as (

    select
        contracts.metric,
        contracts.cadence,
        contracts.value_kind,
        (contracts.contract -> '$.drift_controls.baseline')::bigint as baseline_periods,
        launches.launched_at at time zone '{{ var("business_time_zone") }}' as published_at,
        (contracts.contract -> '$.drift_controls.min_conversations')::bigint as min_conversations,
        (contracts.contract -> '$.drift_controls.standard_errors')::double as standard_errors
    from {{ source('loads', 'contracts') }} as contracts
    -- only of those whose contract names the published baseline
    left join {{ source('loads', 'metric_launches') }} as launches
        on contracts.metric = launches.metric and contracts.version = launches.version
    where contracts.is_read and json_exists(contracts.contract, '$.drift_controls.bounds')

),

bounds as (

    select
        contracts.metric,
        bounds.key as bound_name,
        bounds.value::double as bound
    from {{ source('loads', 'contracts') }} as contracts
    cross join json_each(contracts.contract, '$.drift_controls.bounds') as bounds
    where contracts.is_read and bounds.value::varchar != 'null'

),

-- what the signal says of whatever the metric counts, and how sure it is
answers as (

    select
        null::varchar as metric,
        null::timestamp as period_start,
        null::varchar as label,
        null::double as confidence,
        null::double as numerator,
        null::double as denominator,
        null::bigint as conversations
    where false
    {% for metric in metrics if metric.signal %}
    union all
    select
        '{{ metric.name }}',
        {{ metric_period(metric, 'units.occurred_at') }},
        answers.value,
        floor(answers.confidence * 10) / 10,
        sum(units.numerator),
        sum(units.denominator),
        count(*)
    from {{ ref(metric.name) }} as units
    -- left: what the signal said nothing of is a label too
    left join {{ signals }} as answers
        on units.conversation_id = answers.conversation_id
            and answers.signal = '{{ metric.signal | replace("'", "''") }}'
    group by 2, 3, 4
    {% endfor %}
),

-- at which hour of the day what the metric counts took place: clocks that were set otherwise show nowhere else
hours as (

    select
        null::varchar as metric,
        null::timestamp as period_start,
        null::varchar as hour,
        null::double as numerator,
        null::double as denominator,
        null::bigint as conversations
    where false
    {% for metric in metrics %}
    union all
    select
        '{{ metric.name }}',
        {{ metric_period(metric) }},
        strftime(occurred_at at time zone '{{ var("business_time_zone") }}', '%H:00'),
        sum(numerator),
        sum(denominator),
        count(*)
    from {{ ref(metric.name) }}
    group by 2, 3
    {% endfor %}
),

counts as (

    select metric, version, cadence, period_start, is_complete, dimension, member, numerator, denominator, value, conversations
    from {{ ref('metric_counts') }}
    union all
    select
        periods.metric,
        periods.version,
        periods.cadence,
        periods.period_start,
        periods.is_complete,
        case when grouping(answers.label) = 0 then 'label' else 'confidence' end,
        coalesce(answers.label, answers.confidence::varchar, 'none'),
        sum(answers.numerator),
        sum(answers.denominator),
        null,
        sum(answers.conversations)::bigint
    from answers
    inner join {{ ref('metric_counts') }} as periods
        on answers.metric = periods.metric and answers.period_start = periods.period_start and periods.dimension = 'all'
    group by grouping sets (
        (periods.metric, periods.version, periods.cadence, periods.period_start, periods.is_complete, answers.label),
        (periods.metric, periods.version, periods.cadence, periods.period_start, periods.is_complete, answers.confidence)
    )
    union all
    select
        periods.metric,
        periods.version,
        periods.cadence,
        periods.period_start,
        periods.is_complete,
        'hour',
        hours.hour,
        hours.numerator,
        hours.denominator,
        null,
        hours.conversations
    from hours
    inner join {{ ref('metric_counts') }} as periods
        on hours.metric = periods.metric and hours.period_start = periods.period_start and periods.dimension = 'all'

),

drifted as materialized (

    {{ metric_drift('counts', 'controls', 'bounds', ref('announced_changes')) }}

),

-- of the member that moved, from its baseline and since: their quotes are in metric_evidence
quoted as (

    select
        drifted.metric,
        drifted.period_start,
        drifted.measure,
        evidence.period_start >= drifted.since as is_after,
        evidence.conversation_id,
        min(evidence.rank) as rank
    from drifted
    inner join controls
        on drifted.metric = controls.metric
    inner join {{ ref('metric_evidence') }} as evidence
        on drifted.metric = evidence.metric
            and drifted.slice_kind = evidence.dimension
            and drifted.slice = evidence.member
            and evidence.period_start <= drifted.period_start
            and evidence.period_start >= drifted.since - controls.baseline_periods
            * case when controls.cadence in ('hour', 'day') then interval 7 day else ('1 ' || controls.cadence)::interval end
    where drifted.is_over
    group by all

),

found as (

    select *
    from quoted
    qualify row_number() over (
        partition by metric, period_start, measure, is_after order by rank, conversation_id
    ) <= 3

),

examples as (

    select
        metric,
        period_start,
        measure,
        list(conversation_id order by rank, conversation_id) filter (not is_after) as examples_before,
        list(conversation_id order by rank, conversation_id) filter (is_after) as examples_after
    from found
    group by all

)

select
    drifted.metric,
    drifted.version,
    drifted.period_start,
    drifted.measure,
    drifted.slice_kind,
    drifted.slice,
    drifted.counterpart,
    drifted.measured,
    drifted.bound_name,
    drifted.bound,
    drifted.is_over,
    drifted.js,
    drifted.baseline,
    drifted.current,
    drifted.conversations,
    drifted.baseline_conversations,
    drifted.since,
    drifted.moved_value,
    drifted.is_reversed,
    drifted.announced,
    drifted.not_measured,
    examples.examples_before,
    examples.examples_after
from drifted
left join examples
    on drifted.metric = examples.metric and drifted.period_start = examples.period_start
        and drifted.measure = examples.measure

-- Grain: metric × version × complete period × measure: how far what the metric counts has drifted, see macro metric_drift.
-- Of a metric whose contract has no drift controls nothing is told. What is not measured says why and holds nothing against
-- a metric: where too little came, its volume says so, and a history that is short is nobody's fault.
{{ config(tags=['governed']) }}
{{- depends_on_metrics() }}
{%- set signals = ref('fct_signals') %}
{%- set metrics = metrics_in_use() %}
{%- set unit_dimensions = ['driver', 'canonical_tag', 'channel', 'segment', 'language'] %}
with

controls as (

    select
        metric,
        cadence,
        value_kind,
        (contract -> '$.drift_controls.baseline')::bigint as baseline_periods,
        (contract -> '$.drift_controls.min_conversations')::bigint as min_conversations,
        (contract -> '$.drift_controls.standard_errors')::double as standard_errors
    from {{ source('loads', 'contracts') }}
    where is_read and json_exists(contract, '$.drift_controls.bounds')

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
        null::varchar as confidence,
        null::double as numerator,
        null::double as denominator
    where false
    {% for metric in metrics if metric.signal %}
    union all
    select
        '{{ metric.name }}',
        {{ metric_period(metric, 'units.occurred_at') }},
        coalesce(answers.value, 'none'),
        coalesce((floor(answers.confidence * 10) / 10)::varchar, 'none'),
        units.numerator,
        units.denominator
    from {{ ref(metric.name) }} as units
    -- left: what the signal said nothing of is a label too
    left join {{ signals }} as answers
        on units.conversation_id = answers.conversation_id
            and answers.signal = '{{ metric.signal | replace("'", "''") }}'
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
        coalesce(answers.label, answers.confidence),
        sum(answers.numerator),
        sum(answers.denominator),
        null,
        count(*)
    from answers
    inner join {{ ref('metric_counts') }} as periods
        on answers.metric = periods.metric and answers.period_start = periods.period_start and periods.dimension = 'all'
    group by grouping sets (
        (periods.metric, periods.version, periods.cadence, periods.period_start, periods.is_complete, answers.label),
        (periods.metric, periods.version, periods.cadence, periods.period_start, periods.is_complete, answers.confidence)
    )

),

drifted as materialized (

    {{ metric_drift('counts', 'controls', 'bounds', ref('announced_changes')) }}

),

-- the excursions of the last complete period, which somebody will look into
excursions as materialized (

    select
        drifted.metric,
        drifted.measure,
        drifted.slice_kind,
        drifted.slice,
        firsts.started_at as since_at,
        firsts.started_at - controls.baseline_periods
        * case when controls.cadence in ('hour', 'day') then interval 7 day else ('1 ' || controls.cadence)::interval end
            as before_at,
        lasts.ended_at as until_at
    from drifted
    inner join controls
        on drifted.metric = controls.metric
    inner join {{ ref('metric_counts') }} as firsts
        on drifted.metric = firsts.metric and drifted.since = firsts.period_start and firsts.dimension = 'all'
    inner join {{ ref('metric_counts') }} as lasts
        on drifted.metric = lasts.metric and drifted.period_start = lasts.period_start and lasts.dimension = 'all'
    where drifted.slice_kind in ({{ "'" ~ unit_dimensions | join("', '") ~ "'" }})
        and drifted.period_start = (
            select max(latest.period_start) from drifted as latest where latest.metric = drifted.metric
        )

),

found as (

    select null::varchar as metric, null::varchar as measure, null::boolean as is_after, null::varchar as conversation_id
    where false
    {% for metric in metrics %}
    union all
    select excursions.metric, excursions.measure, units.occurred_at >= excursions.since_at, units.conversation_id
    from excursions
    inner join {{ ref(metric.name) }} as units
        on excursions.metric = '{{ metric.name }}'
            and units.occurred_at >= excursions.before_at
            and units.occurred_at < excursions.until_at
            and excursions.slice = case excursions.slice_kind
                {%- for dimension in unit_dimensions %}
                when '{{ dimension }}' then units.{{ dimension }}
                {%- endfor %}
            end
    {% endfor %}
),

examples as (

    select
        metric,
        measure,
        list(conversation_id order by conversation_id) filter (not is_after) as examples_before,
        list(conversation_id order by conversation_id) filter (is_after) as examples_after
    from (
        select distinct metric, measure, is_after, conversation_id
        from found
        qualify dense_rank() over (
            partition by metric, measure, is_after order by md5(conversation_id)
        ) <= 3
    ) as some
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
    case when drifted.period_start = max(drifted.period_start) over (partition by drifted.metric)
        then examples.examples_before end as examples_before,
    case when drifted.period_start = max(drifted.period_start) over (partition by drifted.metric)
        then examples.examples_after end as examples_after
from drifted
left join examples
    on drifted.metric = examples.metric and drifted.measure = examples.measure

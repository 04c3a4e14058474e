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

-- what the signal says of whatever the metric counts, by which classifier, and how sure it is
answers as (

    select
        null::varchar as metric,
        null::timestamp as period_start,
        null::varchar as label,
        null::varchar as classifier,
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
        answers.classifier || ' ' || answers.classifier_version,
        floor(answers.confidence * 10) / 10,
        sum(units.numerator),
        sum(units.denominator),
        count(*)
    from {{ ref(metric.name) }} as units
    -- left: what the signal said nothing of is a label too
    left join {{ signals }} as answers
        on units.conversation_id = answers.conversation_id
            and answers.signal = '{{ metric.signal | replace("'", "''") }}'
    group by 2, 3, 4, 5
    {% endfor %}
),

-- where several classifiers answer, a label is one of each: what another one says is no drift of the first
labelled as (

    select
        *,
        label || case when count(distinct classifier) over (partition by metric) > 1 then ' by ' || classifier else '' end
            as told
    from answers

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
        case when grouping(labelled.told) = 0 then 'label' else 'confidence' end,
        coalesce(labelled.told, labelled.confidence::varchar, 'none'),
        sum(labelled.numerator),
        sum(labelled.denominator),
        null,
        sum(labelled.conversations)::bigint
    from labelled
    inner join {{ ref('metric_counts') }} as periods
        on labelled.metric = periods.metric and labelled.period_start = periods.period_start and periods.dimension = 'all'
    group by grouping sets (
        (periods.metric, periods.version, periods.cadence, periods.period_start, periods.is_complete, labelled.told),
        (periods.metric, periods.version, periods.cadence, periods.period_start, periods.is_complete, labelled.confidence)
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

-- what drifted, and from when on it is shown what it was before
over_bound as (

    select
        drifted.metric,
        drifted.period_start,
        drifted.measure,
        coalesce(drifted.slice_kind, 'all') as slice_kind,
        drifted.slice,
        drifted.since,
        drifted.since - controls.baseline_periods
        * case when controls.cadence in ('hour', 'day') then interval 7 day else ('1 ' || controls.cadence)::interval end
            as shown_from
    from drifted
    inner join controls
        on drifted.metric = controls.metric
    where drifted.is_over

),

-- of a member by which evidence is kept, or of the whole, those that are quoted; of all others, units of that member
quoted as (

    select
        over_bound.metric,
        over_bound.period_start,
        over_bound.measure,
        evidence.period_start >= over_bound.since as is_after,
        evidence.conversation_id,
        min(evidence.rank)::bigint as rank
    from over_bound
    inner join {{ ref('metric_evidence') }} as evidence
        on over_bound.metric = evidence.metric
            and over_bound.slice_kind = evidence.dimension
            and over_bound.slice = evidence.member
            and evidence.period_start between over_bound.shown_from and over_bound.period_start
    group by all
    {% for metric in metrics %}
    {%- set period = metric_period(metric, 'units.occurred_at') %}
    union all
    select distinct
        over_bound.metric,
        over_bound.period_start,
        over_bound.measure,
        {{ period }} >= over_bound.since,
        units.conversation_id,
        (hash(units.conversation_id) % 1000000)::bigint
    from {{ ref(metric.name) }} as units
    {%- if metric.signal %}
    left join {{ signals }} as answers
        on units.conversation_id = answers.conversation_id
            and answers.signal = '{{ metric.signal | replace("'", "''") }}'
    {%- endif %}
    inner join over_bound
        on over_bound.metric = '{{ metric.name }}'
            and {{ period }} between over_bound.shown_from and over_bound.period_start
            and case over_bound.slice_kind
                when 'hour'
                    then over_bound.slice = strftime(units.occurred_at at time zone '{{ var("business_time_zone") }}', '%H:00')
                {%- if metric.signal %}
                when 'label'
                    then over_bound.slice in (
                        coalesce(answers.value, 'none'),
                        answers.value || ' by ' || answers.classifier || ' ' || answers.classifier_version
                    )
                when 'confidence'
                    then over_bound.slice = coalesce((floor(answers.confidence * 10) / 10)::varchar, 'none')
                {%- endif %}
            end
    {% endfor %}
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

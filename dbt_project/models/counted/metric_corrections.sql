-- Grain: metric × version × period, of shares that rest on a signal people labelled: what is left of the value when the
-- classifier's errors are taken out of it. By the labels of the metric's own conversations in that very period, which
-- count while the conversation and its answer are as they were read, and none has come since that could not be drawn.
-- Only where the numerator is the signal's value and nothing else: of whoever came back, a label of the outcome says nothing.
{{ config(tags=['governed']) }}
{{- depends_on_metrics() }}
{%- set metrics = metrics_in_use() | selectattr('signal') | selectattr('value', 'equalto', 'share') | list %}
with

labels as (

    select
        labels.conversation_id,
        labels.signal,
        labels.sheet_id,
        labels.label
    from {{ source('loads', 'labels') }} as labels
    inner join {{ ref('fct_signals') }} as answers
        on labels.conversation_id = answers.conversation_id and labels.signal = answers.signal
    where labels.is_as_read
        and labels.predicted is not distinct from answers.value
        and (labels.classifier, labels.classifier_version) = (answers.classifier, answers.classifier_version)

),

counted_by_signal as (

    select null::varchar as metric
    where false
    {% for metric in metrics %}
    union all
    select '{{ metric.name }}'
    from {{ ref(metric.name) }} as units
    left join {{ ref('fct_signals') }} as answers
        on units.conversation_id = answers.conversation_id
            and answers.signal = '{{ metric.signal | replace("'", "''") }}'
    having bool_and(
        units.denominator = 1
        and units.numerator = (answers.value is not distinct from '{{ metric.signal_value | replace("'", "''") }}')::double
    )
    {% endfor %}
),

labelled as (

    select
        null::varchar as metric,
        null::timestamp as period_start,
        null::varchar as sheet_id,
        null::boolean as is_predicted,
        null::boolean as is_labelled
    where false
    {% for metric in metrics %}
    union all
    select
        '{{ metric.name }}',
        {{ metric_period(metric, 'units.occurred_at') }},
        labels.sheet_id,
        units.numerator > 0,
        labels.label = '{{ metric.signal_value | replace("'", "''") }}'
    from {{ ref(metric.name) }} as units
    inner join labels
        on units.conversation_id = labels.conversation_id and labels.signal = '{{ metric.signal | replace("'", "''") }}'
    {% endfor %}
),

days as (

    select null::varchar as metric, null::timestamp as period_start, null::date as opened_on
    where false
    {% for metric in metrics %}
    union all
    select distinct '{{ metric.name }}', {{ metric_period(metric) }}, opened_on from {{ ref(metric.name) }}
    {% endfor %}
),

in_scope as (

    select opened_on, count(*) as conversations from {{ ref('fct_measured') }} group by all

),

sheets as (

    select distinct sheet_id from {{ source('loads', 'label_populations') }}

),

-- what a sheet could be drawn from, beside what there is by now: nothing of a day it does not know
drawn_from as (

    select
        days.metric,
        days.period_start,
        sheets.sheet_id,
        bool_and(coalesce(populations.conversations, 0) >= in_scope.conversations) as is_whole
    from days
    inner join in_scope on days.opened_on = in_scope.opened_on
    cross join sheets
    left join {{ source('loads', 'label_populations') }} as populations
        on days.opened_on = populations.opened_on and sheets.sheet_id = populations.sheet_id
    group by all

),

read_by_people as (

    select
        labelled.metric,
        labelled.period_start,
        count(*) as labelled,
        count(*) filter (where is_predicted and is_labelled) as agreed,
        count(*) filter (where is_predicted and not is_labelled) as predicted_only,
        count(*) filter (where not is_predicted and is_labelled) as labelled_only
    from labelled
    semi join counted_by_signal
        on labelled.metric = counted_by_signal.metric
    inner join drawn_from
        on labelled.metric = drawn_from.metric
            and labelled.period_start = drawn_from.period_start
            and labelled.sheet_id = drawn_from.sheet_id
            and drawn_from.is_whole
    group by all

),

counts as (

    select
        counts.metric,
        counts.version,
        counts.period_start,
        counts.denominator::bigint as conversations,
        counts.numerator::bigint as predicted,
        read_by_people.labelled,
        read_by_people.agreed,
        read_by_people.predicted_only,
        read_by_people.labelled_only
    from {{ ref('metric_counts') }} as counts
    inner join read_by_people
        on counts.metric = read_by_people.metric and counts.period_start = read_by_people.period_start
    where counts.dimension = 'all'

)

select
    corrected.metric,
    corrected.version,
    corrected.period_start,
    corrected.labelled as labels,
    corrected.share_corrected as value_corrected,
    corrected.share_low as value_low,
    corrected.share_high as value_high,
    corrected.share_method as method
from ({{ corrected_shares('counts', var('labels_needed')) }}) as corrected

-- Grain: cadence × period × signal × value × version of the classifier, in-scope conversations only.
-- A cell is corrected by the labels of its own conversations and version: a week or month with too few of them is
-- unvalidated, whatever is known of all conversations, which are the one period of the cadence `all`. A label counts
-- while the conversation and its answer are as its reviewer was shown them, and in cells all of whose conversations
-- could have been drawn: of those that came later, or changed, it says nothing.
with

allowed_values as (

    select * from {{ source('loads', 'allowed_values') }}

),

answers as (

    select
        signals.*,
        conversations.opened_on
    from {{ ref('fct_signals') }} as signals
    inner join {{ ref('fct_conversations') }} as conversations
        on signals.conversation_id = conversations.conversation_id and conversations.is_in_scope
    -- of a free text there is no share
    where signals.signal in (select signal from allowed_values)

),

by_day as (

    select signal, classifier, classifier_version, value, opened_on, count(*) as conversations
    from answers
    group by all

),

labels as (

    select
        labels.*,
        answers.opened_on,
        labels.is_as_read
        and labels.predicted is not distinct from answers.value
        and (labels.classifier, labels.classifier_version) = (answers.classifier, answers.classifier_version) as stands
    from {{ source('loads', 'labels') }} as labels
    inner join answers
        on labels.conversation_id = answers.conversation_id
            and labels.signal = answers.signal

),

days as (

    select distinct
        opened_on,
        unnest([
            {'cadence': 'week', 'period_start': date_trunc('week', opened_on)::date},
            {'cadence': 'month', 'period_start': date_trunc('month', opened_on)::date},
            {'cadence': 'all', 'period_start': (select min(earliest.opened_on) from by_day as earliest)}
        ], recursive := true)
    from by_day

),

counted as (

    select
        days.cadence,
        days.period_start,
        by_day.signal,
        by_day.classifier,
        by_day.classifier_version,
        allowed_values.value,
        sum(by_day.conversations)::bigint as conversations,
        coalesce(sum(by_day.conversations) filter (where by_day.value = allowed_values.value), 0)::bigint as predicted
    from by_day
    inner join days using (opened_on)
    inner join allowed_values on by_day.signal = allowed_values.signal
    group by all

),

in_scope as (

    select days.cadence, days.period_start, by_day.signal, sum(by_day.conversations) as conversations
    from by_day
    inner join days using (opened_on)
    group by all

),

drawn_from as (

    select days.cadence, days.period_start, populations.sheet_id, sum(populations.conversations) as conversations
    from {{ source('loads', 'label_populations') }} as populations
    inner join days using (opened_on)
    group by all

),

labels_of_cells as (

    select
        days.cadence,
        days.period_start,
        labels.*,
        labels.stands and drawn_from.conversations >= in_scope.conversations as counts
    from labels
    inner join days using (opened_on)
    inner join in_scope using (cadence, period_start, signal)
    -- left: nobody wrote down what a sheet of an earlier version was drawn from
    left join drawn_from using (cadence, period_start, sheet_id)

),

read_by_people as (

    select
        cadence,
        period_start,
        signal,
        classifier,
        classifier_version,
        allowed_values.value,
        count(*) as recorded,
        count(*) filter (where stands) as standing,
        bool_or(is_simulated) filter (where counts) as is_simulated,
        count(*) filter (where counts) as labelled,
        count(*) filter (where counts and label = value and predicted = value) as agreed,
        count(*) filter (where counts and label <> value and predicted = value) as predicted_only,
        count(*) filter (where counts and label = value and predicted is distinct from value) as labelled_only
    from labels_of_cells
    inner join allowed_values using (signal)
    group by all

),

counts as (

    select
        counted.*,
        read_by_people.is_simulated,
        coalesce(read_by_people.recorded, 0) as recorded,
        coalesce(read_by_people.standing, 0) as standing,
        coalesce(read_by_people.labelled, 0) as labelled,
        coalesce(read_by_people.agreed, 0) as agreed,
        coalesce(read_by_people.predicted_only, 0) as predicted_only,
        coalesce(read_by_people.labelled_only, 0) as labelled_only
    from counted
    -- left: a share nobody has labelled is published too, and says so
    left join read_by_people
        using (cadence, period_start, signal, classifier, classifier_version, value)

)

select
    corrected.cadence,
    corrected.period_start,
    coalesce(periods.is_complete, false) as is_complete,
    corrected.signal,
    corrected.value,
    corrected.classifier,
    corrected.classifier_version,
    corrected.conversations,
    corrected.predicted as counted,
    corrected.share_counted as counted_share,
    corrected.labelled as labels,
    corrected.is_simulated,
    corrected.share_corrected as corrected_share,
    corrected.share_low as corrected_low,
    corrected.share_high as corrected_high,
    corrected.share_method as method,
    case
        when corrected.share_method <> 'unvalidated' then null
        when corrected.recorded < {{ var('labels_needed') }} then 'too few labels'
        when corrected.standing < {{ var('labels_needed') }} then 'labelled conversations changed since'
        else 'drawn from fewer conversations'
    end as unvalidated_reason
from ({{ corrected_shares('counts', var('labels_needed')) }}) as corrected
-- left: the cadence `all` has no end to wait for
left join {{ ref('periods') }} as periods
    on corrected.cadence = periods.cadence and corrected.period_start = periods.period_start

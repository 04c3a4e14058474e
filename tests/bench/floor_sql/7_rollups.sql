-- Counted once by day; weeks and months are added up from days.
create temp table periods as
with

loaded as (

    -- what lies after the moment it was received tells nothing
    select
        greatest(
            max(opened_at) filter (where opened_at <= now()), max(updated_at) filter (where updated_at <= now())
        ) as loaded_until
    from conversations

),

periods as (

    select distinct
        cadence,
        date_trunc(cadence, opened_on)::date as period_start,
        (date_trunc(cadence, opened_on) + case cadence
            when 'day' then interval 1 day when 'week' then interval 1 week else interval 1 month end)::date as period_end
    from (select distinct opened_on from conversations)
    cross join (values ('day'), ('week'), ('month')) as cadences (cadence)

)

select
    cadence,
    period_start,
    loaded_until >= (period_end::timestamp at time zone 'UTC') + interval 24 hour as is_complete
from periods
cross join loaded;

create temp table totals as
with

by_day as (

    select opened_on, channel, queue, segment, language, count(*) as conversations
    from candidate.marts.fct_conversations
    where is_in_scope
    group by all

)

select
    cadence,
    date_trunc(cadence, opened_on)::date as period_start,
    channel,
    queue,
    segment,
    language,
    sum(conversations)::bigint as conversations
from by_day
cross join (values ('day'), ('week'), ('month')) as cadences (cadence)
group by all;

{%- set counted = {
    'negative': "sentiment = 'negative'", 'neutral': "sentiment = 'neutral'", 'positive': "sentiment = 'positive'",
    'churn_mentions': "churn_risk = 'mention'", 'churn_intents': "churn_risk = 'intent'",
    'low_effort': "customer_effort = 'low'", 'medium_effort': "customer_effort = 'medium'",
    'high_effort': "customer_effort = 'high'",
} %}
{% for mart, member, expression in [
    ('rollup_drivers', 'driver', 'driver'),
    ('rollup_canonical_tags', 'canonical_tag', 'unnest(canonical_tags)'),
    ('rollup_raw_tags', 'raw_tag', 'unnest(raw_tags)'),
] %}
create table candidate.marts.{{ mart }} as
with

members as (

    select
        {{ expression }} as {{ member }}, opened_on, channel, queue, segment, language,
        sentiment, churn_risk, customer_effort
    from candidate.marts.fct_conversations
    where is_in_scope

),

by_day as (

    select
        {{ member }}, opened_on, channel, queue, segment, language,
        count(*) as conversations,
        {%- for column, condition in counted.items() %}
        count(*) filter (where {{ condition }}) as {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from members
    group by all

),

counted as (

    select
        cadence,
        date_trunc(cadence, opened_on)::date as period_start,
        {{ member }},
        channel,
        queue,
        segment,
        language,
        sum(conversations)::bigint as conversations,
        {%- for column in counted %}
        sum({{ column }})::bigint as {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from by_day
    cross join (values ('day'), ('week'), ('month')) as cadences (cadence)
    group by all

)

select
    cadence,
    period_start,
    periods.is_complete,
    counted.{{ member }},
    channel,
    queue,
    segment,
    language,
    counted.conversations,
    counted.conversations / totals.conversations as share,
    counted.* exclude (cadence, period_start, {{ member }}, channel, queue, segment, language, conversations)
from counted
inner join totals
    using (cadence, period_start, channel, queue, segment, language)
inner join periods
    using (cadence, period_start);
{% endfor %}

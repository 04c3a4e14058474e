{#
  Counts and shares of members (drivers, canonical tags or raw tags) by day, week and month.
  `members` holds one row per in-scope conversation and member. The share is of all in-scope
  conversations of the same period, channel, queue, segment and language. Counts by signal leave out
  those whose classifier abstained: negative + neutral + positive may be less than conversations.
#}
{% macro rollup(member, members) %}
periods as (

    select * from {{ ref('periods') }}

),

placed as (

    select
        members.{{ member }},
        members.opened_on,
        members.channel,
        members.queue,
        members.segment,
        members.language,
        members.sentiment,
        members.churn_risk,
        members.customer_effort
    from {{ members }} as members

),

counted as (
{% for cadence in ['day', 'week', 'month'] %}
    select
        '{{ cadence }}' as cadence,
        date_trunc('{{ cadence }}', opened_on)::date as period_start,
        {{ member }},
        channel,
        queue,
        segment,
        language,
        count(*) as conversations,
        count(*) filter (where sentiment = 'negative') as negative,
        count(*) filter (where sentiment = 'neutral') as neutral,
        count(*) filter (where sentiment = 'positive') as positive,
        count(*) filter (where churn_risk = 'mention') as churn_mentions,
        count(*) filter (where churn_risk = 'intent') as churn_intents,
        count(*) filter (where customer_effort = 'low') as low_effort,
        count(*) filter (where customer_effort = 'medium') as medium_effort,
        count(*) filter (where customer_effort = 'high') as high_effort
    from placed
    group by all
    {{ 'union all' if not loop.last }}
{% endfor %}
),

totals as (
{% for cadence in ['day', 'week', 'month'] %}
    select
        '{{ cadence }}' as cadence,
        date_trunc('{{ cadence }}', opened_on)::date as period_start,
        channel,
        queue,
        segment,
        language,
        count(*) as conversations
    from {{ ref('fct_conversations') }}
    where is_in_scope
    group by all
    {{ 'union all' if not loop.last }}
{% endfor %}
)

select
    counted.cadence,
    counted.period_start,
    periods.is_complete,
    counted.{{ member }},
    counted.channel,
    counted.queue,
    counted.segment,
    counted.language,
    counted.conversations,
    counted.conversations / totals.conversations as share,
    counted.negative,
    counted.neutral,
    counted.positive,
    counted.churn_mentions,
    counted.churn_intents,
    counted.low_effort,
    counted.medium_effort,
    counted.high_effort
from counted
inner join totals
    using (cadence, period_start, channel, queue, segment, language)
inner join periods
    using (cadence, period_start)
{% endmacro %}

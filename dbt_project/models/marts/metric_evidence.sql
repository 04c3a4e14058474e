-- Grain: metric × version × period × dimension × member × side × rank: the quotes behind a number, for and against it.
-- Quotes are the customer's own, masked words: those the metric's signal rests on, else those that sum the conversation
-- up, else its first message. A conversation without words is shown by its subject.
{{ config(tags=['governed']) }}
{{- depends_on_metrics() }}
{%- set counts = ref('metric_counts') %}
{%- set metrics = metrics_in_use() %}
with

picks as (

    select
        null::varchar as metric,
        null::varchar as version,
        null::varchar as signal,
        null::timestamp as period_start,
        null::boolean as is_for,
        null::varchar as driver,
        null::varchar as dimension,
        null::varchar as member,
        null::ubigint as place,
        null::bigint as rank
    where false
    {% for metric in metrics %}
    union all by name
    ({{ metric_picks(ref(metric.name), counts, metric) }})
    {% endfor %}
),

units as (

    {% for metric in metrics %}
    select '{{ metric.name }}' as metric, hash(unit_id) as place, conversation_id, state, canonical_tag
    from {{ ref(metric.name) }}
    where hash(unit_id) in (select place from picks where metric = '{{ metric.name }}')
    {{ 'union all' if not loop.last }}
    {% else %}
    select null::varchar as metric, null::ubigint as place, null::varchar as conversation_id, null::varchar as state,
        null::varchar as canonical_tag
    where false
    {% endfor %}
),

picked as (

    select
        picks.*,
        units.conversation_id,
        units.state,
        units.canonical_tag
    from picks
    inner join units
        on picks.metric = units.metric and picks.place = units.place

),

asked as (

    select distinct conversation_id from picked

),

signals as (

    select signals.*
    from {{ ref('fct_signals') }} as signals
    semi join asked
        on signals.conversation_id = asked.conversation_id
    where signals.quote is not null
        and (signals.signal = 'summary' or signals.signal in (select picks.signal from picks))

),

first_words as (

    select
        messages.conversation_id,
        arg_min(messages.message_no, messages.message_no) as message_no,
        arg_min(left(messages.body, {{ var('quote_characters') }}), messages.message_no) as quote
    from {{ ref('fct_messages') }} as messages
    semi join asked
        on messages.conversation_id = asked.conversation_id
    where messages.author_role = 'customer' and trim(messages.body) != ''
    group by all

)

select
    picked.metric,
    picked.version,
    picked.period_start,
    picked.dimension,
    picked.member,
    case when picked.is_for then 'for' else 'against' end as side,
    picked.rank,
    picked.conversation_id,
    coalesce(own.signal, nullif(picked.signal, '')) as signal,
    picked.state,
    picked.driver,
    picked.canonical_tag,
    coalesce(own.message_no, summaries.message_no, first_words.message_no) as message_no,
    coalesce(own.quote, summaries.quote, first_words.quote, conversations.subject) as quote,
    conversations.url
from picked
inner join {{ ref('fct_conversations') }} as conversations
    on picked.conversation_id = conversations.conversation_id
left join signals as own
    on picked.conversation_id = own.conversation_id and picked.signal = own.signal
left join signals as summaries
    on picked.conversation_id = summaries.conversation_id and summaries.signal = 'summary'
left join first_words
    on picked.conversation_id = first_words.conversation_id

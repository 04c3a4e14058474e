-- Grain: metric × version × period × dimension × member × side × rank: the quotes behind a number, for and against it.
-- Quotes are the customer's own, masked words: those the metric's signal rests on, else those that sum the conversation
-- up, else its first message. A conversation without words is shown by its subject.
{{ config(tags=['governed']) }}
with

picked as (

    select * from {{ ref('metric_picks') }}

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
        and (signals.signal = 'summary' or signals.signal in (select picked.signal from picked))

),

-- bodies are long: they are read of the few that no summary tells of
not_summed_up as (

    select conversation_id from asked
    except
    select conversation_id from signals where signal = 'summary'

),

first_words as (

    select
        messages.conversation_id,
        arg_min(messages.message_no, messages.message_no) as message_no,
        arg_min(left(messages.body, {{ var('quote_characters') }}), messages.message_no) as quote
    from {{ ref('fct_messages') }} as messages
    semi join not_summed_up
        on messages.conversation_id = not_summed_up.conversation_id
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

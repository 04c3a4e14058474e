-- Grain: one row per touched, in-scope conversation: its first customer message in one or two sentences of the
-- customer's own, the first that names the problem and the first that asks. Where neither is found, the first that is
-- longer than a greeting. Any language: without cues of it, the first sentence stands.
with

conversations as (

    select * from {{ ref('languages_detected') }}

),

own_words as (

    select * from {{ ref('own_words') }}

),

first_messages as (

    select conversation_id, min(message_no) as message_no from own_words group by all

),

first_words as (

    select
        own_words.conversation_id,
        own_words.message_no,
        left(own_words.words, 1500) as words
    from own_words
    inner join first_messages
        on own_words.conversation_id = first_messages.conversation_id and own_words.message_no = first_messages.message_no

),

sentences as (

    select
        conversation_id,
        message_no,
        words,
        {{ summary_sentence('words', 'problem') }} as problem,
        {{ summary_sentence('words', 'request') }} as request
    from first_words

),

chosen as (

    select
        conversation_id,
        message_no,
        left(coalesce(problem, request, {{ summary_sentence('words', 'any') }}), 200) as cue,
        case when problem is not null and request is not null and request <> problem then left(request, 200) end as request
    from sentences

)

select
    conversations.conversation_id,
    nullif(concat_ws(' ', chosen.cue, chosen.request), '') as value,
    case when value is not null then {{ var('signal_confidence')['summary'] }} end as confidence,
    case when value is null then 'no customer words' end as abstain_reason,
    case when value is not null then chosen.message_no end as message_no,
    chosen.cue as cue,
    'first_sentences' as classifier,
    '1.0.0' as classifier_version
from conversations
left join chosen
    on conversations.conversation_id = chosen.conversation_id

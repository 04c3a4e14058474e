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

first_words as (

    select
        conversation_id,
        min(message_no) as message_no,
        left(arg_min(words, message_no), 1500) as words
    from own_words
    group by all

),

sentences as (

    select
        conversation_id,
        message_no,
        {{ summary_sentence('words', 'problem') }} as problem,
        {{ summary_sentence('words', 'request') }} as request,
        {{ summary_sentence('words', 'any') }} as opening
    from first_words

),

chosen as (

    select
        conversation_id,
        message_no,
        left(coalesce(problem, request, opening), 200) as cue,
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

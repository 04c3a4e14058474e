-- Grain: one row per in-scope conversation and signal: a value, or a reason for having none.
-- The quote is the sentence that holds the cue, cut from the published message: body[quote_start + 1:quote_end]
{{ config(materialized='incremental', incremental_strategy='by_conversation') }}

with

touched as (

    select * from {{ ref('touched_conversations') }}

),

-- a summary somebody was asked for stands in the place of the one cut from the text, once there is an answer
asked as (

    select * from {{ ref('asked_signals') }} where signal <> 'summary' or abstain_reason is distinct from 'not answered yet'

),

summaries as (

    select summaries.*
    from {{ ref('summaries') }} as summaries
    anti join asked
        on summaries.conversation_id = asked.conversation_id and asked.signal = 'summary'

),

answers as (
{% for answered, signal in {
    ref('sentiment'): "'sentiment'", ref('churn_risk'): "'churn_risk'", ref('customer_effort'): "'customer_effort'",
    ref('outcome'): "'outcome'", 'summaries': "'summary'", ref('custom_signals'): 'signal', 'asked': 'signal',
}.items() %}
    select
        conversation_id,
        {{ signal }} as signal,
        value,
        confidence,
        abstain_reason,
        classifier,
        classifier_version,
        message_no,
        cue
    from {{ answered }}
    {{ 'union all' if not loop.last }}
{%- endfor %}
),

messages as (

    select * from {{ ref('fct_messages') }}

),

-- of most messages nothing was cut, and a cue stands where it is found first
cut as (

    select conversation_id, message_no, words from {{ ref('own_words') }} where is_cut

),

in_reach as (

    select answers.*
    from answers
    inner join touched
        on answers.conversation_id = touched.conversation_id and {{ touched_only() }}

),

cued as (

    select * from in_reach where cue is not null

),

found as (

    select
        cued.*,
        {{ place_of_cue('messages.body', 'cut.words', 'cued.cue') }} as cue_at,
        messages.body
    from cued
    left join messages
        on cued.conversation_id = messages.conversation_id and cued.message_no = messages.message_no
    left join cut
        on cued.conversation_id = cut.conversation_id and cued.message_no = cut.message_no

),

placed as (

    select *, {{ place_of_quote('body', 'cue', 'cue_at') }} as place from found

)

select
    conversation_id,
    signal,
    value,
    confidence,
    abstain_reason,
    classifier,
    classifier_version,
    case when place is not null then message_no end as message_no,
    body[place.start + 1:place."end"] as quote,
    place.start::integer as quote_start,
    place."end"::integer as quote_end
from placed
union all
-- two thirds of the answers rest on no words: beside the texts of the others they would not fit into 512 MB
select
    conversation_id,
    signal,
    value,
    confidence,
    abstain_reason,
    classifier,
    classifier_version,
    null as message_no,
    null as quote,
    null as quote_start,
    null as quote_end
from in_reach
where cue is null

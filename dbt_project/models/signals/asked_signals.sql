-- Grain: one row per touched, in-scope conversation and signal that an LLM or a Python callable is asked.
-- Who answered what was settled before: a value is one of those declared, a cue stands in its message, and every
-- row without a value says why.
{{ config(materialized='view') }}
with

answers as (

    select * from {{ source('loads', 'answers') }}

),

touched as (

    select * from {{ ref('touched_conversations') }}

)

select
    answers.conversation_id,
    answers.signal,
    answers.value,
    answers.confidence,
    answers.abstain_reason,
    answers.message_no,
    answers.cue,
    answers.classifier,
    answers.classifier_version
from answers
inner join touched
    on answers.conversation_id = touched.conversation_id

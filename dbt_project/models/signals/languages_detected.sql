-- Grain: one row per touched, in-scope conversation, and the language its words are judged in.
-- Stated by the export, or else told by the alphabet or the stop words of the first 300 characters the customer
-- wrote. A text too short to tell is judged in the project's own language; one in none of the dozen stays unknown.
with

touched as (

    select * from {{ ref('touched_conversations') }}

),

conversations as (

    select conversations.*
    from {{ ref('conversations') }} as conversations
    inner join touched
        on conversations.conversation_id = touched.conversation_id
    where conversations.is_in_scope

),

first_words as (

    select
        conversations.conversation_id,
        lower(left(messages.body, 300)) as words
    from {{ ref('fct_messages') }} as messages
    inner join conversations
        on messages.conversation_id = conversations.conversation_id
            and messages.message_no = conversations.first_customer_message_no
    where conversations.language = 'unknown'

),

tokens as (

    select
        conversation_id,
        unnest(split) as token
    -- a column of its own: what stands inside unnest is worked out twice
    from (select conversation_id, string_split({{ plain_tokens('words') }}, ' ') as split from first_words)

),

-- a word of many languages says little: twelve languages, twelve points to share
stop_words as (

    select
        word,
        language,
        12 // count(*) over (partition by word) as points
    from {{ ref('stop_words') }}
    where version = '{{ pack_version("stop_words") }}'

),

-- in doubt a short text is in the project's own language: another has to be told by more than one word
points as (

    select tokens.conversation_id, stop_words.language, stop_words.points
    from tokens
    inner join stop_words
        on tokens.token = stop_words.word
    union all
    select conversation_id, '{{ var("default_language") }}' as language, 12 as points
    from first_words
    where length(words) <= {{ var('language_told_from') }}

),

scored as (

    select conversation_id, language, sum(points) as points
    from points
    group by all

),

told as (

    select
        conversation_id,
        arg_max(language, (points, language = '{{ var("default_language") }}', language)) as language,
        max(points) as points
    from scored
    group by all

)

select
    conversations.conversation_id,
    conversations.language as stated_language,
    case
        when first_words.conversation_id is null then null
        else coalesce(
            {{ alphabet_language('first_words.words') }},
            case when told.points >= 12 then told.language end,
            'unknown'
        )
    end as detected_language,
    coalesce(detected_language, conversations.language) as language
from conversations
left join first_words
    on conversations.conversation_id = first_words.conversation_id
left join told
    on conversations.conversation_id = told.conversation_id

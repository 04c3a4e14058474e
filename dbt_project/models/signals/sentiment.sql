-- Grain: one row per touched, in-scope conversation: how the customer feels about the company, over all they wrote.
-- Three sums of whole weights (praise, complaint, pull towards a plain question) and a few plain features make one
-- score per value; the highest wins. The cue is the heaviest word or pair that speaks for the winner.
{{ config(materialized='view') }}
{%- set languages = sentiment_pack('sentiment_weights', 'language') %}
{%- set negators = sentiment_pack('sentiment_weights', 'term', 'negates') %}
{%- set features = sentiment_pack('sentiment_decision', 'feature') or ['bias'] %}
{%- set values = ['negative', 'neutral', 'positive'] %}
with

conversations as (

    select * from {{ ref('languages_detected') }}

),

weights as (

    select * from {{ ref('sentiment_weights') }} where version = '{{ sentiment_version() }}'

),

decision as (

    select
    {%- for value in values %}
        {%- for feature in features %}
        max({{ value }}) filter (where feature = '{{ feature }}') as {{ value }}_{{ feature }},
        {%- endfor %}
    {%- endfor %}
    from {{ ref('sentiment_decision') }}
    where version = '{{ sentiment_version() }}'

),

confidence as (

    select * from {{ ref('sentiment_confidence') }} where version = '{{ sentiment_version() }}'

),

-- a message is known by its row: grouping words by a text would cost as much as weighing them
messages as (

    select
        rowid as text_id,
        conversation_id,
        message_no,
        language,
        words
    from {{ ref('own_words') }}
    where language in ('{{ languages | join("', '") }}')

),

hits as (

    {{ sentiment_hits('messages', 'weights', negators) }}

),

weighed as (

    select
        text_id,
        sum(greatest(weight, 0)) as praise,
        sum(greatest(-weight, 0)) as complaint,
        sum(pull) as pull,
        {{ sentiment_rank('weight') }} as praise_rank,
        {{ sentiment_rank('-weight') }} as complaint_rank,
        {{ sentiment_rank('pull') }} as pull_rank
    from hits
    group by text_id

),

measured as (

    select
        messages.conversation_id as text_id,
        coalesce(sum(weighed.praise), 0) as praise,
        coalesce(sum(weighed.complaint), 0) as complaint,
        coalesce(sum(weighed.pull), 0) as pull,
        sum(length(messages.words)) as characters,
        bool_or(contains(messages.words, '?')) as asks,
        arg_max(rtrim(messages.words) like '%?', messages.message_no) as ends_asking,
        bool_or(contains(messages.words, '!')) as exclaims,
        {%- for value, kind in [('negative', 'complaint'), ('neutral', 'pull'), ('positive', 'praise')] %}
        max(weighed.{{ kind }}_rank) as {{ value }}_rank,
        arg_max(messages.text_id, (weighed.{{ kind }}_rank, -messages.message_no))
            filter (where weighed.{{ kind }}_rank >= 4194304) as {{ value }}_text_id,
        {%- endfor %}
    from messages
    left join weighed
        on messages.text_id = weighed.text_id
    group by messages.conversation_id

),

features as (

    {{ sentiment_features('measured') }}

),

scored as (

    select
        features.text_id as conversation_id,
        {%- for value in values %}
        {%- for feature in features %}
        {{ '+ ' if not loop.first }}features.{{ feature }} * decision.{{ value }}_{{ feature }}
        {%- endfor %} as {{ value }},
        {%- endfor %}
        greatest(negative, neutral, positive) as highest,
        case highest when negative then 'negative' when neutral then 'neutral' else 'positive' end as value,
        highest - list_sort([negative, neutral, positive])[2] as margin
    from features
    cross join decision

),

decided as (

    select
        scored.conversation_id,
        scored.value,
        confidence.confidence,
        case scored.value {% for value in values %}when '{{ value }}' then measured.{{ value }}_rank {% endfor %}end as cue_rank,
        case scored.value {% for value in values %}when '{{ value }}' then measured.{{ value }}_text_id {% endfor %}end as text_id
    from scored
    inner join measured
        on scored.conversation_id = measured.text_id
    asof left join confidence
        on scored.value = confidence.value and scored.margin >= confidence.margin_from

),

cut as (

    select
        decided.*,
        messages.message_no,
        messages.words,
        {{ sentiment_words('messages.words') }} as tokens,
        {{ sentiment_place('decided.cue_rank') }} as place,
        array_to_string(tokens[place:place + {{ sentiment_words_of('decided.cue_rank') }} - 1], ' ') as term,
        -- with an emoji in it the text grew by the spaces around it
        case
            when place = 1 then 1
            when strlen(messages.words) = length(messages.words) then length(array_to_string(tokens[:place - 1], ' ')) + 2
            else instr(lower(messages.words), term)
        end as cue_start
    from decided
    left join messages
        on decided.text_id = messages.text_id

)

select
    conversations.conversation_id,
    cut.value,
    cut.confidence,
    case
        when cut.conversation_id is not null then null
        when conversations.language in ('{{ languages | join("', '") }}') then 'no customer words'
        else 'language not spoken'
    end as abstain_reason,
    case when cut.cue_start > 0 then cut.message_no end as message_no,
    case when cut.cue_start > 0 then substring(cut.words, cut.cue_start, length(cut.term)) end as cue,
    'sentiment_weights' as classifier,
    '{{ sentiment_version() }}' as classifier_version
from conversations
left join cut
    on conversations.conversation_id = cut.conversation_id

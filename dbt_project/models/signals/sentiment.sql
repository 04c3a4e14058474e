-- Grain: one row per touched, in-scope conversation: how the customer feels about the company, over all they wrote.
-- Three sums of whole weights (praise, complaint, pull towards a plain question) and a few plain features make one
-- score per value; the highest wins. The cue is the heaviest word or pair that speaks for the winner.
{%- set languages = sentiment_pack('sentiment_weights', 'language') %}
{%- set features = sentiment_pack('sentiment_decision', 'feature') or ['bias'] %}
{%- set values = ['negative', 'neutral', 'positive'] %}
with

conversations as (

    select * from {{ ref('languages_detected') }}

),

weights as materialized (

    select
        *,
        row_number() over (order by language, term) as term_no
    from {{ ref('sentiment_weights') }}
    where version = '{{ sentiment_version() }}'

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

-- a message is known by its row: grouping by a text would cost as much as weighing its words
texts as not materialized (

    select
        rowid as text_id,
        *
    from {{ ref('own_words') }}

),

hits as (

    {{ sentiment_hits('texts', 'weights', languages) }}

),

weighed as (

    select
        text_id,
        sum(greatest(weight, 0)) as praise,
        sum(greatest(-weight, 0)) as complaint,
        sum(pull) as pull,
        {{ sentiment_rank('-weight') }} as negative_rank,
        {{ sentiment_rank('pull') }} as neutral_rank,
        {{ sentiment_rank('weight') }} as positive_rank
    from hits
    group by text_id

),

messages as (

    select
        texts.conversation_id,
        texts.message_no,
        texts.text_id,
        length(texts.words) as characters,
        contains(texts.words, '?') as asks,
        ends_with(texts.words, '?') as ends_asking,
        contains(texts.words, '!') as exclaims,
        weighed.praise,
        weighed.complaint,
        weighed.pull,
        {%- for value in values %}
        case
            when {{ sentiment_rank_weighs('weighed.' ~ value ~ '_rank') }}
                then {{ sentiment_rank_in_conversation('weighed.' ~ value ~ '_rank', 'texts.message_no') }}
        end as {{ value }}_rank,
        {%- endfor %}
    from texts
    left join weighed
        on texts.text_id = weighed.text_id
    where texts.language in ('{{ languages | join("', '") }}')

),

measured as (

    select
        conversation_id,
        coalesce(sum(praise), 0) as praise,
        coalesce(sum(complaint), 0) as complaint,
        coalesce(sum(pull), 0) as pull,
        sum(characters) as characters,
        bool_or(asks) as asks,
        arg_max(ends_asking, message_no) as ends_asking,
        bool_or(exclaims) as exclaims,
        {%- for value in values %}
        max({{ value }}_rank) as {{ value }}_rank,
        arg_max(text_id, {{ value }}_rank) as {{ value }}_text_id,
        {%- endfor %}
    from messages
    group by conversation_id

),

features as (

    {{ sentiment_features('measured') }}

),

scored as (

    select
        features.conversation_id,
        {%- for value in values %}
        features.{{ value }}_rank,
        features.{{ value }}_text_id,
        {%- endfor %}
        {%- for value in values %}
        {%- for feature in features %}
        {{ '+ ' if not loop.first }}features.{{ feature }} * decision.{{ value }}_{{ feature }}
        {%- endfor %} as {{ value }},
        {%- endfor %}
        greatest(negative, neutral, positive) as highest,
        case highest when negative then 'negative' when neutral then 'neutral' else 'positive' end as value,
        highest - greatest(
            least(negative, neutral), least(greatest(negative, neutral), positive)
        ) as margin
    from features
    cross join decision

),

decided as (

    select
        scored.conversation_id,
        scored.value,
        confidence.confidence,
        case scored.value {% for value in values %}when '{{ value }}' then scored.{{ value }}_rank {% endfor %}end as cue_rank,
        case scored.value {% for value in values %}when '{{ value }}' then scored.{{ value }}_text_id {% endfor %}end as text_id
    from scored
    asof left join confidence
        on scored.value = confidence.value and scored.margin >= confidence.margin_from

),

cut as (

    select
        decided.conversation_id,
        texts.message_no,
        texts.words,
        weights.term,
        -- in the shape the term was found in, each character in its place
        replace(replace(lower(texts.words), chr(10), ' '), '’', '''') as searched,
        instr(' ' || searched, ' ' || weights.term) as after_space,
        coalesce(nullif(after_space, 0), instr(searched, weights.term)) as cue_start
    from decided
    inner join weights
        on {{ sentiment_term_no('decided.cue_rank') }} = weights.term_no
    inner join texts
        on decided.text_id = texts.text_id

)

select
    conversations.conversation_id,
    decided.value,
    decided.confidence,
    case
        when decided.conversation_id is not null then null
        when conversations.language in ('{{ languages | join("', '") }}') then 'no customer words'
        else 'language not spoken'
    end as abstain_reason,
    case when cut.cue_start > 0 then cut.message_no end as message_no,
    case when cut.cue_start > 0 then substring(cut.words, cut.cue_start, length(cut.term)) end as cue,
    'sentiment_weights' as classifier,
    '{{ sentiment_version() }}' as classifier_version
from conversations
left join decided
    on conversations.conversation_id = decided.conversation_id
left join cut
    on conversations.conversation_id = cut.conversation_id

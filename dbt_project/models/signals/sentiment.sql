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

    {{ sentiment_terms() }}

),

decision as (

    select
    {%- for value in values %}
        {%- set last_value = loop.last %}
        {%- for feature in features %}
        max({{ value }}) filter (where feature = '{{ feature }}') as {{ value }}_{{ feature }}{{ "," if not (loop.last and last_value) }}
        {%- endfor %}
    {%- endfor %}
    from {{ ref('sentiment_decision') }}
    where version = '{{ sentiment_version() }}'

),

confidence as (

    select * from {{ ref('sentiment_confidence') }} where version = '{{ sentiment_version() }}'

),

own_words as (

    select * from {{ ref('own_words') }}

),

messages as (

    select * from {{ ref('weighed_messages') }}

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
        arg_max(message_no, {{ value }}_rank) as {{ value }}_message_no{{ "," if not loop.last }}
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
        features.{{ value }}_message_no,
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
        case scored.value {% for value in values %}when '{{ value }}' then scored.{{ value }}_message_no {% endfor %}end as message_no
    from scored
    asof left join confidence
        on scored.value = confidence.value and scored.margin >= confidence.margin_from

),

cut as (

    select
        decided.conversation_id,
        own_words.message_no,
        own_words.words,
        weights.term,
        -- in the shape the term was found in, each character in its place
        replace(replace(lower(own_words.words), chr(10), ' '), '’', '''') as searched,
        instr(' ' || searched, ' ' || weights.term) as after_space,
        coalesce(nullif(after_space, 0), instr(searched, weights.term)) as cue_start
    from decided
    inner join weights
        on {{ sentiment_term_no('decided.cue_rank') }} = weights.term_no
    inner join own_words
        on decided.conversation_id = own_words.conversation_id and decided.message_no = own_words.message_no

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

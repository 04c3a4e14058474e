-- Grain: one row per customer message in a language the sentiment pack has words of: three sums of whole weights (praise,
-- complaint, pull towards a plain question), the heaviest hit for each value, and a few plain features.
-- Every other word of a text is a hit: all of a million conversations at once are gigabytes between two joins, so they
-- are weighed part by part.
{{ config(pre_hook="{{ first_part() }}", post_hook="{{ remaining_parts(ref('own_words')) }}") }}
{%- set languages = sentiment_pack('sentiment_weights', 'language') %}
with

weights as materialized (

    {{ sentiment_terms() }}

),

-- a message is known by its row: grouping by a text would cost as much as weighing its words
texts as not materialized (

    select
        rowid as text_id,
        *
    from {{ ref('own_words') }}
    where {{ part_of('rowid') }}

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

)

select
    texts.conversation_id,
    texts.message_no,
    length(texts.words) as characters,
    contains(texts.words, '?') as asks,
    ends_with(texts.words, '?') as ends_asking,
    contains(texts.words, '!') as exclaims,
    weighed.praise,
    weighed.complaint,
    weighed.pull,
    {%- for value in ['negative', 'neutral', 'positive'] %}
    case
        when {{ sentiment_rank_weighs('weighed.' ~ value ~ '_rank') }}
            then {{ sentiment_rank_in_conversation('weighed.' ~ value ~ '_rank', 'texts.message_no') }}
    end as {{ value }}_rank{{ ',' if not loop.last }}
    {%- endfor %}
from texts
left join weighed
    on texts.text_id = weighed.text_id
where texts.language in ('{{ languages | join("', '") }}')

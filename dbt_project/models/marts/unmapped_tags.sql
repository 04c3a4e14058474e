-- Grain: one row per raw tag that led to no driver on the day of a conversation, with the known spelling nearest to it.
with

tags as (

    select * from {{ ref('fct_conversation_tags') }} where driver = 'unmapped'

),

conversations as (

    select * from {{ ref('fct_conversations') }}

),

volumes as (

    select
        tags.raw_tag,
        count(*) as conversations,
        min(conversations.opened_on) as first_seen,
        max(conversations.opened_on) as last_seen
    from tags
    inner join conversations
        on tags.conversation_id = conversations.conversation_id
    group by all

),

-- the loudest thousand: comparing every stray tag with every known one grows with their product
loudest as (

    select
        volumes.raw_tag,
        min(raw_tags.normalised_tag) as normalised_tag
    from volumes
    inner join {{ ref('raw_tags') }} as raw_tags
        on volumes.raw_tag = raw_tags.masked_tag
    group by volumes.raw_tag, volumes.conversations
    order by volumes.conversations desc, volumes.raw_tag
    limit 1000

),

known as (

    select distinct raw_tag, canonical_tag from {{ ref('raw_tag_map') }}

),

suggested as (

    select
        loudest.raw_tag,
        arg_max(
            known.canonical_tag,
            (jaro_winkler_similarity(loudest.normalised_tag, known.raw_tag), known.canonical_tag)
        ) as suggestion,
        max(jaro_winkler_similarity(loudest.normalised_tag, known.raw_tag)) as similarity
    from loudest
    cross join known
    group by all

)

select
    volumes.raw_tag,
    volumes.conversations,
    volumes.first_seen,
    volumes.last_seen,
    -- below 0.9 a neighbour is a coincidence of letters
    case when suggested.similarity >= 0.9 then suggested.suggestion end as suggestion
from volumes
left join suggested
    on volumes.raw_tag = suggested.raw_tag

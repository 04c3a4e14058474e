-- Grain: one row per conversation in scope that has been solved, however often.
with

conversations as (

    select * from {{ ref('fct_measured') }}

),

spells as (

    select * from {{ ref('fct_open_spells') }}

),

-- open again now, so it has no solved_at: its history says when it was solved last
open_again as (

    select
        spells.conversation_id,
        max(spells.open_until) as solved_at
    from spells
    inner join conversations
        on spells.conversation_id = conversations.conversation_id and conversations.solved_at is null
    group by all

)

select
    conversations.conversation_id as unit_id,
    conversations.conversation_id,
    coalesce(conversations.solved_at, open_again.solved_at) as occurred_at,
    (conversations.reopens > 0 or conversations.solved_at is null)::double as numerator,
    1::double as denominator,
    null::double as measure,
    case
        when conversations.solved_at is null then 'open_again'
        when conversations.reopens > 0 then 'reopened'
        else 'stayed_solved'
    end as state,
    {{ dimensions('conversations') }}
from conversations
left join open_again
    on conversations.conversation_id = open_again.conversation_id
where coalesce(conversations.solved_at, open_again.solved_at) is not null

-- Grain: one row per conversation in scope that is solved, its customer and matter known, 7 days after that loaded.
with

conversations as (

    select * from {{ ref('fct_measured') }}

),

judged as (

    select
        *,
        case
            when reopens > 0 then 'reopened'
            when first_reply_at is null then 'not_answered'
            when agent_messages > 1 then 'several_replies'
            -- hours: days would be other hours for a reader whose clock changes in between
            when next_same_tag_contact_at <= solved_at + to_hours(7 * 24) then 'came_back'
            else 'first_contact'
        end as state
    from conversations
    where has_look_ahead_7
        and customer_id is not null
        and primary_canonical_tag != 'none'
        -- null where a source never tells of replies
        and is_awaiting_reply is not null

)

select
    conversation_id as unit_id,
    conversation_id,
    solved_at as occurred_at,
    (state = 'first_contact')::double as numerator,
    1::double as denominator,
    null::double as measure,
    state,
    {{ dimensions('judged') }}
from judged

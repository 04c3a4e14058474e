-- Grain: one row per conversation in scope and spell in which it was open (new, open, pending or hold).
-- A conversation is open from when it was opened; its history, where its source keeps one, says when it was solved and
-- opened again. What it is now has the last word, so a history that was cut short does not keep it open; one that is
-- closed, nobody knows since when, has no spell.
{%- set open_statuses = "('new', 'open', 'pending', 'hold')" %}
with

conversations as (

    select
        measured.*,
        received.updated_at,
        measured.status in {{ open_statuses }} as is_open,
        tickets.ticket_id
    from {{ ref('fct_measured') }} as measured
    inner join {{ ref('conversations') }} as received
        on measured.conversation_id = received.conversation_id
    left join {{ ref('stg_zendesk__latest_tickets') }} as tickets
        on measured.conversation_id = tickets.conversation_id
    where measured.status in {{ open_statuses }} or measured.solved_at is not null

),

turns as (

    select conversation_id, opened_at as turned_at, 1 as step, true as is_open from conversations
    union all
    select
        conversations.conversation_id,
        greatest(changes.changed_at, conversations.opened_at) as turned_at,
        2 as step,
        changes.value in {{ open_statuses }} as is_open
    from {{ ref('stg_zendesk__field_changes') }} as changes
    inner join conversations
        on changes.source = conversations.source and changes.ticket_id = conversations.ticket_id
    -- only what opens or ends a spell
    where changes.field = 'status'
        and (changes.value in {{ open_statuses }}) is distinct from (changes.previous_value in {{ open_statuses }})
    union all
    select
        conversation_id,
        greatest(case when is_open then updated_at else solved_at end, opened_at) as turned_at,
        3 as step,
        is_open
    from conversations

),

-- The state of now comes last, at the earliest when the last turn was: an audit may be newer than the ticket.
changed as (

    select
        conversation_id,
        step,
        is_open,
        max(turned_at) over in_order as turned_at,
        lag(is_open, 1, false) over in_order as was_open
    from turns
    window in_order as (partition by conversation_id order by step = 3, turned_at, step)

),

spells as (

    select
        conversation_id,
        is_open,
        turned_at as open_from,
        lead(turned_at) over in_order as open_until,
        row_number() over in_order as turn
    from changed
    where is_open != was_open
    window in_order as (partition by conversation_id order by step = 3, turned_at, step)

)

select
    spells.conversation_id,
    ((spells.turn + 1) // 2)::integer as spell_no,
    spells.open_from,
    spells.open_until,
    conversations.loaded_until,
    conversations.source,
    conversations.opened_on,
    conversations.driver,
    conversations.primary_canonical_tag,
    conversations.channel,
    conversations.queue,
    conversations.segment,
    conversations.language,
    conversations.complexity
from spells
inner join conversations
    on spells.conversation_id = conversations.conversation_id
where spells.is_open

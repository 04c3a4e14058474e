-- Grain: one row per conversation in scope and spell in which it was open (new, open, pending or hold).
-- A conversation is open from when it was opened until it was solved, and again from each reopening its history tells of.
-- What it is now has the last word, so a history that was cut short does not keep it open; one that is closed, nobody
-- knows since when, has no spell.
{%- set open_statuses = "('new', 'open', 'pending', 'hold')" %}
with

conversations as (

    select * from {{ ref('fct_measured') }} where status in {{ open_statuses }} or solved_at is not null

),

changes as (

    select
        *,
        value in {{ open_statuses }} as is_open,
        coalesce(previous_value in {{ open_statuses }}, true) as was_open
    from {{ ref('stg_zendesk__field_changes') }}
    where field = 'status'

),

-- few, so that the turns of all others need no putting in order
reopened as (

    select
        tickets.conversation_id,
        tickets.source,
        tickets.ticket_id,
        conversations.opened_at,
        conversations.status in {{ open_statuses }} as is_open,
        case when conversations.status in {{ open_statuses }} then received.updated_at else conversations.solved_at end
            as stands_since
    from (select distinct source, ticket_id from changes where is_open and not was_open) as reopenings
    inner join {{ ref('stg_zendesk__latest_tickets') }} as tickets
        on reopenings.source = tickets.source and reopenings.ticket_id = tickets.ticket_id
    inner join conversations
        on tickets.conversation_id = conversations.conversation_id
    inner join {{ ref('conversations') }} as received
        on tickets.conversation_id = received.conversation_id

),

turns as (

    select conversation_id, opened_at as turned_at, 1 as step, true as is_open from reopened
    union all
    select reopened.conversation_id, greatest(changes.changed_at, reopened.opened_at), 2, changes.is_open
    from changes
    inner join reopened
        on changes.source = reopened.source and changes.ticket_id = reopened.ticket_id
    union all
    select conversation_id, greatest(stands_since, opened_at), 3, is_open from reopened

),

-- the state of now comes last, at the earliest when the last turn was: an audit may be newer than the ticket
ordered as (

    select
        conversation_id,
        is_open,
        step,
        max(turned_at) over in_order as turned_at,
        lag(is_open, 1, false) over in_order as was_open
    from turns
    window in_order as (partition by conversation_id order by step = 3, turned_at, step)

),

turned as (

    select
        conversation_id,
        is_open,
        turned_at as open_from,
        lead(turned_at) over in_order as open_until,
        (row_number() over in_order + 1) // 2 as spell_no
    from ordered
    where is_open != was_open
    window in_order as (partition by conversation_id order by step = 3, turned_at, step)

),

spells as (

    select conversation_id, spell_no::integer as spell_no, open_from, open_until from turned where is_open
    union all
    select
        conversations.conversation_id,
        1 as spell_no,
        conversations.opened_at as open_from,
        case when conversations.status not in {{ open_statuses }} then greatest(conversations.solved_at, conversations.opened_at) end
            as open_until
    from conversations
    anti join reopened
        on conversations.conversation_id = reopened.conversation_id

)

select
    spells.conversation_id,
    spells.spell_no,
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

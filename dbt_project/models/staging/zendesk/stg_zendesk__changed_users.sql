-- Grain: one row per user of whom a new export says something else than what conversations were built with.
-- A record that only moved in time, or in a field nobody reads, changes nothing.
{%- set seen = seen_by_every_conversation_model() or 0 %}

with

users as (

    select * from {{ source('zendesk', 'users') }}

),

tickets as (

    select * from {{ source('zendesk', 'tickets') }}

),

now as (

    select * from {{ ref('stg_zendesk__users') }}

),

new_records as (

    select
        source,
        id::bigint as user_id,
        locale,
        coalesce(suspended, false) as is_suspended
    from users
    where export_seq > {{ seen }}

),

mentioned as (

    select
        source,
        user_id
    from new_records
    union
    select
        source,
        assignee_id as user_id
    from tickets
    where export_seq > {{ seen }} and assignee_id is not null

),

earlier_records as (

    select users.*
    from users
    semi join mentioned
        on users.source = mentioned.source and users.id::bigint = mentioned.user_id
    where users.export_seq <= {{ seen }}

),

earlier_tickets as (

    select tickets.*
    from tickets
    semi join mentioned
        on tickets.source = mentioned.source and tickets.assignee_id = mentioned.user_id
    where tickets.export_seq <= {{ seen }}

),

before as (
{{ zendesk_users('earlier_records', 'earlier_tickets') }}
),

-- compared with every new record, not with the last: what a killed run built may stand on one between
described_anew as (

    select distinct
        new_records.source,
        new_records.user_id
    from new_records
    left join before
        on new_records.source = before.source and new_records.user_id = before.user_id
    where new_records.locale is distinct from before.locale
        or new_records.is_suspended != coalesce(before.is_suspended, false)

)

select
    mentioned.source,
    mentioned.user_id,
    now.is_agent != coalesce(before.is_agent, false) or now.is_bot != coalesce(before.is_bot, false) as is_in_new_role,
    described_anew.user_id is not null as is_described_anew
from mentioned
inner join now
    on mentioned.source = now.source and mentioned.user_id = now.user_id
left join before
    on mentioned.source = before.source and mentioned.user_id = before.user_id
left join described_anew
    on mentioned.source = described_anew.source and mentioned.user_id = described_anew.user_id

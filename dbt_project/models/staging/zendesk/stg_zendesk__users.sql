-- Grain: one row per user who has a record or was ever assigned a ticket.
-- Once an agent, always an agent: an export gives today's role, and people who left become end-users,
-- which would turn their old replies into customers' words. Whoever was assigned a ticket worked here.
{{ config(materialized='table') }}

with

versions as (

    select * from {{ source('zendesk', 'users') }}

),

tickets as (

    select * from {{ source('zendesk', 'tickets') }}

),

assignees as (

    select distinct source, assignee_id as user_id
    from tickets
    where assignee_id is not null

),

users as (

    select
        source,
        id::bigint as user_id,
        bool_or(coalesce(role, '') in ('agent', 'admin')) as is_agent,
        bool_or(regexp_matches(coalesce(name, ''), '(^|[^\pL])([Bb]ot|BOT)([^\pL]|$)')) as is_bot,
        arg_max(locale, (updated_at, record_hash)) as locale,
        arg_max(coalesce(suspended, false), (updated_at, record_hash)) as is_suspended
    from versions
    group by all

)

select
    source,
    user_id,
    coalesce(users.is_agent, false) or assignees.user_id is not null as is_agent,
    coalesce(users.is_bot, false) as is_bot,
    users.locale,
    coalesce(users.is_suspended, false) as is_suspended
from users
full outer join assignees
    using (source, user_id)

-- Grain: one row per user, latest version.
{{ config(materialized='table') }}

with

versions as (

    select * from {{ source('zendesk', 'users') }}

)

select
    source,
    id::bigint as user_id,
    -- Once an agent, always an agent: an export gives today's role, and people who left become
    -- end-users, which would turn their old replies into customers' words.
    bool_or(coalesce(role, '') in ('agent', 'admin')) as is_agent,
    bool_or(regexp_matches(coalesce(name, ''), '(^|[^\pL])([Bb]ot|BOT)([^\pL]|$)')) as is_bot,
    arg_max(locale, (updated_at, record_hash)) as locale,
    arg_max(coalesce(suspended, false), (updated_at, record_hash)) as is_suspended
from versions
group by all

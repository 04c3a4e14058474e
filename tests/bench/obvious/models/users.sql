-- who was ever assigned a ticket is an agent, whatever role they have today
with assignees as (

    select distinct assignee_id as id from {{ ref('stg_tickets') }} where assignee_id is not null

),

known as (

    select
        id,
        bool_or(role in ('agent', 'admin')) as is_agent,
        bool_or(regexp_matches(name, '(^|[^\pL])([Bb]ot|BOT)([^\pL]|$)')) as is_bot,
        arg_max(locale, updated_at) as locale,
        arg_max(suspended, updated_at) as is_suspended
    from {{ ref('stg_users') }}
    group by id

)

select
    id,
    coalesce(known.is_agent, false) or assignees.id is not null as is_agent,
    coalesce(known.is_bot, false) as is_bot,
    known.locale,
    known.is_suspended
from known
full outer join assignees
    using (id)

{#
  One row per user who has a record among `users` or is assigned a ticket among `tickets`.
  Once an agent, always an agent: an export gives today's role, and people who left become end-users,
  which would turn their old replies into customers' words. Whoever was assigned a ticket worked here.
#}
{% macro zendesk_users(users, tickets) %}
select
    source,
    user_id,
    coalesce(recorded.is_agent, false) or assigned.user_id is not null as is_agent,
    coalesce(recorded.is_bot, false) as is_bot,
    recorded.locale,
    coalesce(recorded.is_suspended, false) as is_suspended
from (
    select
        source,
        id::bigint as user_id,
        bool_or(coalesce(role, '') in ('agent', 'admin')) as is_agent,
        bool_or(regexp_matches(coalesce(name, ''), '(^|[^\pL])([Bb]ot|BOT)([^\pL]|$)')) as is_bot,
        {{ of_latest('locale') }} as locale,
        {{ of_latest('coalesce(suspended, false)') }} as is_suspended
    from {{ users }}
    group by all
) as recorded
full outer join (
    select distinct
        source,
        assignee_id as user_id
    from {{ tickets }}
    where assignee_id is not null
) as assigned
    using (source, user_id)
{% endmacro %}

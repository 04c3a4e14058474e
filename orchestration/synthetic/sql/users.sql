-- Grain: one row per user: the bot, the agents, then the customers.
with

people as (

    select
        getvariable('bot_id') as id,
        'Answer Bot' as name,
        'bot@assay.example' as email,
        'admin' as role,
        null::bigint as organization_id,
        'en-US' as locale,
        null as phone,
        false as suspended,
        0 as place
    union all
    select
        agent_id(agent_no),
        concat_ws(
            ' ',
            getvariable('agent_names')[1 + agent_no % len(getvariable('agent_names'))],
            last_name(agent_no)
        ),
        concat('agent', agent_no, '@assay.example'),
        -- people who left are end users today
        case when agent_no % 17 = 0 then 'end-user' else 'agent' end,
        null,
        'en-US',
        null,
        false,
        agent_no
    from range(6, 6 * len(getvariable('queues')) + 6) as agents (agent_no)
    union all
    select
        customer_id(customer_no),
        concat_ws(' ', first_name(customer_no), last_name(customer_no)),
        email(customer_no),
        'end-user',
        organization_id(organization_no),
        locale(customer_no),
        case when share(customer_no, 'phone known') < 0.3 then phone(customer_no, 'phone') end,
        share(customer_no, 'suspended') < 0.002,
        1000 + customer_no
    from (
        select customer_no, null::bigint as organization_no
        from range(getvariable('consumers')) as consumers (customer_no)
        union all
        select
            getvariable('consumers') + organization_no * 40 + unnest(range(seats(organization_no))),
            organization_no
        from range(getvariable('organizations')) as organizations (organization_no)
    )

)

select {
    'id': id,
    'url': concat('https://assay.zendesk.com/api/v2/users/', id, '.json'),
    'name': name,
    'email': email,
    'created_at': zulu(created_at),
    'updated_at': zulu(created_at),
    'time_zone': 'UTC',
    'phone': phone,
    'locale': locale,
    'organization_id': organization_id,
    'role': role,
    'active': true,
    'suspended': suspended
} as user
from (
    select
        *,
        getvariable('first_day')::timestamp - to_hours(100 + pick(place, 'user since', 30000))
            as created_at
    from people
)
order by place

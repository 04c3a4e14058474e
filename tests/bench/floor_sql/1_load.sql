-- Typed load with declared columns. Of a ticket everything but its texts: reading them a second time
-- (2_messages.sql) is cheaper than storing them in between.
{% for seed in ['drivers', 'canonical_tags', 'raw_tag_map'] %}
create temp table {{ seed }} as
select * from read_csv('{{ seeds }}/{{ seed }}.csv', header = true, types = {'valid_from': 'date', 'valid_to': 'date'});
{% endfor %}
{% for seed in ['machine_tags', 'channels', 'statuses', 'languages'] %}
create temp table {{ seed }} as
select * from read_csv('{{ seeds }}/{{ seed }}.csv', header = true, all_varchar = true);
{% endfor %}

create temp table accounts as
select
    organization_id,
    arg_max({'segment': segment}, (coalesce(updated_at, '-infinity'), started_on)).segment as segment
from read_csv('{{ exports }}/billing/accounts*', columns = {
    'account_id': 'varchar', 'organization_id': 'bigint', 'name': 'varchar', 'started_on': 'date',
    'segment': 'varchar', 'arr': 'double', 'updated_at': 'timestamptz'
})
where organization_id is not null
group by all;

create temp table queues as
with versions as (
    select unnest(groups) as version
    from read_json('{{ exports }}/zendesk/groups*', format = 'unstructured', sample_size = 1, columns = {
        'groups': 'struct(id bigint, name varchar, updated_at timestamptz)[]'
    })
)
select version.id as group_id, arg_max(version.name, coalesce(version.updated_at, '-infinity')) as queue
from versions
group by all;

create temp table history as
with

audits as (

    select audit.id, audit.ticket_id, audit.created_at, unnest(audit.events) as event
    from read_json(
        '{{ exports }}/zendesk/ticket_audits*', format = 'newline_delimited', sample_size = 1, columns = {
        'audit': 'struct(id bigint, ticket_id bigint, created_at timestamptz,
            events struct(type varchar, field_name varchar, previous_value varchar, value varchar)[])'
    })

),

-- overlapping exports repeat audits
changes as (

    select distinct
        id,
        ticket_id,
        created_at as changed_at,
        event.field_name as field,
        event.previous_value as previous_value,
        event.value as value
    from audits
    where event.type = 'Change' and event.field_name in ('status', 'assignee_id')

)

select
    ticket_id,
    max(changed_at) filter (
        where field = 'status' and value in ('solved', 'closed')
            and coalesce(previous_value, '') not in ('solved', 'closed')
    ) as solved_at,
    count(*) filter (
        where field = 'status' and previous_value = 'solved' and value in ('new', 'open', 'pending', 'hold')
    ) as reopens,
    count(*) filter (
        where field = 'assignee_id' and previous_value is not null and value is not null
    ) as handoffs
from changes
group by all;

create temp table ratings as
select
    rating.ticket_id,
    arg_max(case when starts_with(rating.score, 'good') then 'good' else 'bad' end, rating.updated_at) as score
from (select satisfaction_rating as rating from read_json(
    '{{ exports }}/zendesk/satisfaction_ratings*', format = 'newline_delimited', sample_size = 1, columns = {
    'satisfaction_rating': 'struct(ticket_id bigint, score varchar, updated_at timestamptz)'
}))
where rating.score in ('good', 'good_with_comment', 'bad', 'bad_with_comment')
group by all;

create temp table tickets as
select ticket.*
from read_json(
    '{{ exports }}/zendesk/tickets*', format = 'newline_delimited', sample_size = 1, columns = {
    'ticket': 'struct(id bigint, url varchar, created_at timestamptz, updated_at timestamptz,
        generated_timestamp bigint, subject varchar, status varchar, satisfaction_rating struct(score varchar),
        via struct(channel varchar, source struct(rel varchar)), requester_id bigint, submitter_id bigint,
        assignee_id bigint, organization_id bigint, group_id bigint, tags varchar[])'
});

-- who was ever assigned a ticket is an agent, whatever role they have today
create temp table users as
with

assignees as (

    select distinct assignee_id as user_id from tickets where assignee_id is not null

),

known as (

    select
        "user".id as user_id,
        bool_or(coalesce("user".role, '') in ('agent', 'admin')) as is_agent,
        bool_or(regexp_matches(coalesce("user".name, ''), '(^|[^\pL])([Bb]ot|BOT)([^\pL]|$)')) as is_bot,
        arg_max({'is': "user".locale}, coalesce("user".updated_at, '-infinity')).is as locale,
        arg_max(coalesce("user".suspended, false), coalesce("user".updated_at, '-infinity')) as is_suspended
    from read_json(
        '{{ exports }}/zendesk/users*', format = 'newline_delimited', sample_size = 1, columns = {
        'user': 'struct(id bigint, name varchar, role varchar, locale varchar, suspended boolean, updated_at timestamptz)'
    })
    group by all

)

select
    user_id,
    coalesce(known.is_agent, false) or assignees.user_id is not null as is_agent,
    coalesce(known.is_bot, false) as is_bot,
    known.locale,
    coalesce(known.is_suspended, false) as is_suspended
from known
full outer join assignees
    using (user_id);

-- one in a hundred tickets has more than one version: taking those out beats ordering them all
create temp table versions as
select
    id,
    rowid as version,
    row_number() over latest_first as place,
    -- a version received twice will bring its messages twice
    count(*) over (partition by id, generated_timestamp, updated_at) as copies
from tickets
where id in (select id from tickets group by id having count(*) > 1)
window latest_first as (
    partition by id order by generated_timestamp desc nulls last, updated_at desc nulls last
);

delete from tickets where rowid in (select version from versions where place > 1);

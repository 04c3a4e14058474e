-- Grain: one row per audit: how status, assignee and group of a ticket came about.
with

changes as (

    select
        no,
        section,
        unnest(list_filter([
            audit(no, 1, opened_by, opened_at, as_of, [
                event('Create', 'status', null, 'new')
            ]),
            audit(no, 2, agent_id(first_agent_no), replied_at, as_of, [
                event('Change', 'status', 'new', 'open'),
                event('Change', 'assignee_id', null, agent_id(first_agent_no))
            ]),
            case when waits and solved_at <= as_of then audit(
                no, 3, agent_id(agent_no), later(replied_at, work_minutes * 0.3), as_of,
                [event('Change', 'status', 'open', 'pending')]
            ) end,
            case when waits and solved_at <= as_of then audit(
                no, 4, customer_id(customer_no), later(replied_at, work_minutes * 0.45),
                as_of, [event('Change', 'status', 'pending', 'open')]
            ) end,
            case when is_handed_off and solved_at <= as_of then audit(
                no, 5, agent_id(first_agent_no), later(replied_at, work_minutes * 0.5), as_of,
                case when queue_no <> first_queue_no then [event(
                    'Change', 'group_id', group_id(first_queue_no), group_id(queue_no)
                )] else [] end
                || [event(
                    'Change', 'assignee_id', agent_id(first_agent_no), agent_id(agent_no)
                )]
            ) end,
            audit(no, 6, agent_id(agent_no), first_solved_at, as_of, [
                event('Change', 'status', 'open', 'solved')
            ]),
            audit(no, 7, customer_id(customer_no), reopened_at, as_of, [
                event('Change', 'status', 'solved', 'open')
            ]),
            case when reopens then audit(no, 8, agent_id(agent_no), solved_at, as_of, [
                event('Change', 'status', 'open', 'solved')
            ]) end,
            audit(no, 9, -1, closed_at, as_of, [
                event('Change', 'status', 'solved', 'closed')
            ]),
            case when status_before in ('pending', 'hold') then audit(
                no, 10, agent_id(agent_no), rests_at, as_of,
                [event('Change', 'status', 'open', status_before)]
            ) end,
            case when is_updated and status <> status_before then audit(
                no, 11, customer_id(customer_no), late_update_at, late_update_at,
                [event('Change', 'status', status_before, status)]
            ) end
        ], lambda change: change is not null)) as audit

    from (
        select
            *,
            share(no, 'waits') < 0.08 as waits
        from records
        -- audits are kept once; of a ticket exported again only the last version has them all
        where section <> 3 and fate <> 'deleted' and not (section = 1 and is_exported_again)
    )

)

select audit
from changes
-- the day after brings only what happened since
where audit.created_at >= getvariable('audits_from')
order by no, audit.id

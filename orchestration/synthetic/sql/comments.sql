-- Grain: one row per record: the comments of the ticket that had been written by then.
create or replace temp view commented as
with

quoted as (

    select
        *,
        -- a reply by mail drags the mail it answers behind it
        case
            when bodies[3] <> '' and channel = 'email' and share(no, 'quotes') < 0.5 then concat(
                bodies[3], e'\n\nOn ', strftime(replied_at, '%a, %-d %b %Y at %H:%M'), ', ',
                'Customer Care <support@assay.example> wrote:', e'\n> ',
                replace(bodies[9], e'\n', e'\n> ')
            )
            else bodies[3]
        end as reply_body

    from tagged

)

select
    *,
    list_filter([
        comment(no, 1, opened_by, true, bodies[2], opened_at, as_of, channel),
        comment(
            no, 2, getvariable('bot_id'), true, bodies[7], opened_at + interval 15 second,
            as_of, case channel when 'email' then 'rule' else 'chat_bot' end
        ),
        comment(
            no, 3, agent_id(first_agent_no), false, bodies[8],
            later(opened_at, (epoch(replied_at) - epoch(opened_at)) / 75), as_of, 'web'
        ),
        comment(no, 4, agent_id(first_agent_no), true, bodies[9], replied_at, as_of, 'web'),
        comment(
            no, 5, customer_id(customer_no), true, reply_body,
            later(replied_at, work_minutes * 0.35), as_of, channel
        ),
        comment(
            no, 6, agent_id(agent_no), true, bodies[10],
            later(replied_at, work_minutes * 0.6), as_of, 'web'
        ),
        comment(
            no, 7, customer_id(customer_no), true, bodies[4],
            later(replied_at, work_minutes * 0.9), as_of, channel
        ),
        comment(no, 8, agent_id(agent_no), true, bodies[11], first_solved_at, as_of, 'web'),
        comment(
            no, 9, customer_id(customer_no), true, bodies[5], reopened_at, as_of, channel
        ),
        comment(no, 10, agent_id(agent_no), true, bodies[12], solved_at, as_of, 'web'),
        comment(
            no, 11, customer_id(customer_no), true, bodies[6], late_update_at, late_update_at,
                channel
        )
    ], lambda message: message is not null) as comments

from quoted

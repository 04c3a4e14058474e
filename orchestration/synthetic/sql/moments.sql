-- Grain: one row per conversation number: the moments of its life and who works on it.
-- A moment that never comes lies in 2100, so that comparisons need no null.
create or replace temp table conversations as
with

paced as (

    select
        *,
        case
            when fate in ('spam', 'merged') then wait(no, 'first reply', 300) + 20
            when channel in ('chat', 'native_messaging', 'voice')
                then wait(no, 'first reply', 7) + 0.5
            else wait(no, 'first reply', 420) + 4
        end as reply_minutes,
        case
            -- somebody forgot it: a tenth of the unresolved stays open for months
            when planned_outcome = 'unresolved' and share(no, 'forgotten') < 0.3 then 60000
            else 15
        end + wait(
            no, 'solve', case effort when 'high' then 4200 when 'medium' then 1500 else 500 end
        ) as work_minutes,
        share(no, 'reopen') < 0.09 and fate = 'normal' and planned_outcome <> 'abandoned' as reopens

    from labelled

),

timed as (

    select
        *,
        later(opened_at, reply_minutes) as replied_at,
        later(opened_at, reply_minutes + work_minutes) as first_solved_at,
        case
            when reopens
                then later(opened_at, reply_minutes + work_minutes + 90 + wait(no, 'back', 1500))
            else timestamp '2100-01-01'
        end as reopened_at

    from paced

),

ended as (

    select
        *,
        case
            when reopens then later(reopened_at, 40 + wait(no, 'solve again', 1400))
            else first_solved_at
        end as solved_at

    from timed

)

select
    * exclude (reply_minutes),
    -- an automation closes what has been solved for ten days
    case
        when fate in ('merged', 'spam') then solved_at
        else solved_at + interval 10 day
    end as closed_at,
    case
        when planned_outcome = 'escalated' then 'Tier 2'
        when share(no, 'stray') < 0.08 then one_of(getvariable('queues'), no, 'stray queue')
        else queue
    end as final_queue,
    planned_outcome = 'escalated'
        or (share(no, 'handoff') < 0.12 and fate = 'normal') as is_handed_off,
    list_position(getvariable('queues'), final_queue) as queue_no,
    queue_no * 6 + pick(no, 'agent', 6) as agent_no,
    case fate when 'outbound' then agent_id(agent_no) else customer_id(customer_no) end
        as opened_by,
    case when is_handed_off then list_position(getvariable('queues'), queue) else queue_no end
        as first_queue_no,
    case when is_handed_off then first_queue_no * 6 + pick(no, 'first agent', 6) else agent_no end
        as first_agent_no,
    case
        when is_updated then later(
            -- later than any stamp the first export may carry
            getvariable('export_at')::timestamp, 70 + share(no, 'late update') * 1360
        )
        else timestamp '2100-01-01'
    end as late_update_at,
    final_queue = getvariable('missing_queue')
        and opened_at::date = getvariable('missing_day')::date as is_missing,
    getvariable('language_codes')[language_no] as language
from ended
order by no;

-- Grain: one row per record of a conversation in this export, in the order of the file.
-- `as_of` is the moment whose state the record shows.
create or replace temp table records as
with

versions as (

    select
        *,
        share(no, 'exported again') < 0.01 and fate = 'normal' and not is_updated
            as is_exported_again,
        share(no, 'twice') < 0.002 as is_twice

    from conversations
    where not coalesce(is_missing, false)

),

sections as (

    select
        *,
        1 as section,
        case
            when is_exported_again then later(
                opened_at,
                share(no, 'export cut') * least(
                    epoch(solved_at) - epoch(opened_at),
                    epoch(getvariable('record_at')::timestamp) - epoch(opened_at)
                ) / 60
            )
            -- what is written to again stays otherwise as the export left it
            when is_updated then getvariable('export_at')::timestamp
            else getvariable('record_at')::timestamp
        end as as_of
    from versions
    union all
    select *, 2 as section, getvariable('record_at')::timestamp as as_of
    from versions
    where is_exported_again
    union all
    select *, 3 as section, getvariable('record_at')::timestamp as as_of
    from versions
    where is_twice and not is_exported_again

),

settled as (

    select
        *,
        -- an agent who has read it leaves it to wait two minutes later
        later(case when reopened_at <= as_of then reopened_at else replied_at end, 2) as rests_at,
        case
            when fate = 'deleted' then 'deleted'
            when closed_at <= as_of then 'closed'
            when solved_at <= as_of or (first_solved_at <= as_of and as_of < reopened_at)
                then 'solved'
            when replied_at > as_of then 'new'
            when rests_at > as_of then 'open'
            when share(no, 'waits for') < 0.55 then 'pending'
            when share(no, 'waits for') < 0.65 then 'hold'
            else 'open'
        end as status_before

    from sections

)

select
    *,
    case when is_updated and status_before <> 'closed' then 'open' else status_before end as status,
    case
        when is_updated then late_update_at
        when fate = 'deleted' then least(as_of, opened_at + interval 2 day)
        else list_max([opened_at] || list_filter(
            [replied_at, first_solved_at, reopened_at, solved_at, closed_at],
            lambda moment: moment <= as_of
        ))
    end as updated_at,
    -- the system touches a ticket now and then without moving updated_at
    epoch(updated_at)::bigint
        + case when share(no, 'system touch') < 0.14 then 2 + pick(no, 'system lag', 3000)
            else 0 end
        + case when section = 2 then 3600 else 0 end as generated_timestamp
from settled
order by section, no;

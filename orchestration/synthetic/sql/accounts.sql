-- Grain: one row per account; an account is an organization that pays.
-- Organizations are numbered in the order they came; the last three in ten came during the traffic.
create or replace table accounts as
select
    organization_no,
    case
        when organization_no < 0.7 * getvariable('organizations')
            then getvariable('first_day')::date - 40
                - pick(organization_no, 'started', 1460)::integer
        else arrivals.day
    end as started_on,
    round(
        case segment(organization_no)
            when 'enterprise' then 90000 when 'mid_market' then 14000 else 1400
        end
        * (0.5 + 2 * share(organization_no, 'arr') ^ 2)
    ) as arr,
    pick(organization_no, 'restless', 8) = 0 and share(organization_no, 'lost') < 0.3 as is_lost
from range(getvariable('organizations')) as organizations (organization_no)
left join days as arrivals
    on (organization_no / getvariable('organizations') - 0.7) / 0.3 * getvariable('conversations')
        >= arrivals.first_no
    and (organization_no / getvariable('organizations') - 0.7) / 0.3 * getvariable('conversations')
        < arrivals.next_no
order by organization_no

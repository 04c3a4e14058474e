-- Grain: one row per day and topic: how much of it there is, before the shape of the week.
create or replace table seasons as
select
    days.day_no,
    getvariable('first_day')::date + days.day_no::integer as day,
    topics.topic_no,
    topics.driver,
    coalesce(
        topics.driver = getvariable('spike_driver')
        and day >= getvariable('spike_from')::date
        and day < getvariable('spike_from')::date + 7,
        false
    ) as is_spiked,
    -- a driver's share drifts over the year and peaks around one month
    topics.weight
    * (1 + topics.drift / 100 * days.day_no / getvariable('days'))
    * (1 + topics.swing / 100 * greatest(
        0, cos(2 * pi() * (month(day) + day(day) / 31 - 0.5 - topics.peak_month) / 12)
    ) ^ 3)
    * case when is_spiked then 3 else 1 end as weight
from range(getvariable('days')) as days (day_no)
cross join topics;

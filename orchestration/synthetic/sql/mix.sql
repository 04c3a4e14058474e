-- Grain: one row per slot of the draw: which topic a conversation is about, by week (or spike day)
-- and by how new the customer is.
create or replace table mix as
with

weights as (

    select
        days.mix_no,
        newness.is_new,
        seasons.topic_no,
        -- people in their first 30 days ask how to begin, and how to get in
        avg(seasons.weight) * case
            when not newness.is_new then 1
            when seasons.driver = 'onboarding_setup' then 9
            when seasons.driver in ('account_access', 'howto_usability') then 1.6
            else 0.7
        end as weight

    from seasons
    inner join days on seasons.day_no = days.day_no
    cross join (values (false), (true)) as newness (is_new)
    group by days.mix_no, newness.is_new, seasons.topic_no, seasons.driver

),

bounds as (

    select
        *,
        round(getvariable('mix_buckets') * sum(weight) over upto / sum(weight) over whole) as upper

    from weights
    window
        upto as (partition by mix_no, is_new order by topic_no),
        whole as (partition by mix_no, is_new)

)

select
    mix_no,
    is_new,
    topic_no,
    unnest(range(
        coalesce(lag(upper) over (partition by mix_no, is_new order by topic_no), 0)::bigint,
        upper::bigint
    )) as bucket
from bounds;

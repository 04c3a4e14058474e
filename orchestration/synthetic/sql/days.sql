-- Grain: one row per day of traffic, with the conversation numbers that open on it.
create or replace table days as
with

volumes as (

    select
        day_no,
        day,
        bool_or(is_spiked) as is_spike_day,
        sum(weight)
        * [1.18, 1.12, 1.06, 1.03, 0.95, 0.52, 0.46][isodow(day)]
        * (1 + 0.35 * day_no / getvariable('days'))
        -- offices are shut: New Year, Labour Day, Independence Day, German Unity, Christmas
        * case
            when strftime(day, '%m-%d') in ('01-01', '12-25', '12-26') then 0.35
            when strftime(day, '%m-%d') in ('05-01', '07-04', '10-03', '12-24', '12-31') then 0.6
            else 1
        end as volume

    from seasons
    group by day_no, day

),

bounds as (

    select
        *,
        round(
            getvariable('conversations')
            * sum(volume) over (order by day_no) / sum(volume) over ()
        )::bigint as next_no

    from volumes

)

select
    day_no,
    day,
    is_spike_day,
    -- spike days have a mix of their own; the other days share their week's
    case when is_spike_day then 1000 + day_no else day_no // 7 end as mix_no,
    coalesce(lag(next_no) over (order by day_no), 0) as first_no,
    next_no
from bounds
order by day_no;

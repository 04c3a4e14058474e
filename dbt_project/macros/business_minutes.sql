{#
  The hours of every schedule as moments in UTC, for `business_minutes` to count between: one row per schedule and moment
  at which it opens or closes, with the microseconds it was open before, which add up without rounding.

  `days` has one row with first_day and last_day. Local days are put on the clock one by one, so a window is as long as it
  is on that day, whatever the clocks do in it. Where windows overlap, the time counts once. After the last day nothing
  is known, and null says so: counting none would cut a long wait off.
#}
{% macro opening_hours(schedules, holidays, days) %}
with

calendar as (

    select unnest(generate_series(first_day, last_day, interval 1 day))::date as day from {{ days }}

),

windows as (

    select
        schedules.schedule,
        timezone(schedules.time_zone, calendar.day + schedules.opens) as opens_at,
        timezone(schedules.time_zone, calendar.day + schedules.closes) as closes_at
    from {{ schedules }} as schedules
    inner join calendar
        on isodow(calendar.day) = schedules.weekday
    anti join {{ holidays }} as holidays
        on schedules.schedule = holidays.schedule and calendar.day = holidays.day

),

turns as (

    select schedule, opens_at as starts_at, 1 as opened, false as is_end from windows
    union all
    select schedule, closes_at, -1, false from windows
    union all
    select distinct schedules.schedule, timezone(schedules.time_zone, days.first_day::timestamp), 0, false
    from {{ schedules }} as schedules
    cross join {{ days }} as days
    union all
    select distinct schedules.schedule, timezone(schedules.time_zone, days.last_day + interval 1 day), 0, true
    from {{ schedules }} as schedules
    cross join {{ days }} as days

),

moments as (

    select schedule, starts_at, sum(opened) as opened, bool_or(is_end) as is_end
    from turns
    group by all

),

spells as (

    select
        schedule,
        starts_at,
        is_end,
        sum(opened) over in_order > 0 as is_open,
        epoch_us(lead(starts_at) over in_order) - epoch_us(starts_at) as lasts
    from moments
    window in_order as (partition by schedule order by starts_at)

)

select
    schedule,
    starts_at,
    is_open,
    case when not is_end then coalesce(
        sum(case when is_open then lasts else 0 end) over (
            partition by schedule order by starts_at rows between unbounded preceding and 1 preceding
        ),
        0
    )::bigint end as open_before
from spells
{%- endmacro %}

{#
  Minutes of a schedule between two moments, fractions of a minute kept. `from_hours` and `until_hours` are the rows of
  `opening_hours` that the moments fall into (asof left join). Null where a moment is missing, lies outside the days
  that are known, or comes before the other one; 0 only where there was none.
#}
{% macro business_minutes(from_moment, from_hours, until_moment, until_hours) -%}
case when {{ until_moment }} >= {{ from_moment }} then (
        {{ open_until(until_moment, until_hours) }} - {{ open_until(from_moment, from_hours) }}
    ) / 60e6 end
{%- endmacro %}

{# Microseconds a schedule had been open until a moment. #}
{% macro open_until(moment, hours) -%}
({{ hours }}.open_before + case when {{ hours }}.is_open then epoch_us({{ moment }}) - epoch_us({{ hours }}.starts_at) else 0 end)
{%- endmacro %}

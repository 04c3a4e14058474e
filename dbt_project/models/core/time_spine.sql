-- Grain: one row per hour of the business's wall clock, from the first conversation until what is loaded last.
-- MetricFlow joins it where a metric is shifted in time; it is in the zone in which periods are cut.
{{ config(materialized='view') }}
with

sources as (

    select * from {{ ref('loaded_sources') }}

),

days as (

    select
        date_trunc('day', min(first_opened_at) at time zone '{{ var("business_time_zone") }}') as first_on,
        date_trunc('day', max(loaded_until) at time zone '{{ var("business_time_zone") }}') as last_on
    from sources

)

select unnest(generate_series(first_on, last_on + interval 23 hour, interval 1 hour))::timestamp as hour_started_at
from days

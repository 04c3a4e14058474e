-- Grain: one row per driver and the days it is valid, and those that stand for having none.
with

drivers as (

    select * from {{ ref('drivers') }}

)

select
    driver,
    name,
    description,
    owner,
    rank,
    valid_from,
    valid_to
from drivers
union all
select
    'unmapped',
    'Unmapped',
    'Tagged, but only in words that lead to no driver on that day.',
    null,
    null,
    date '1970-01-01',
    null::date
union all
select
    'system',
    'System',
    'A tag set by a machine: it says nothing of what the customer wants, and is no conversation''s primary driver.',
    null,
    null,
    date '1970-01-01',
    null::date
union all
select
    'no_signal',
    'No signal',
    'Nobody tagged it and no keyword rule speaks.',
    null,
    null,
    date '1970-01-01',
    null::date

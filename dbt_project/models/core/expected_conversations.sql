-- Grain: one row per source, day and slice for which somebody outside the records said how many there are: what holds.
select
    source,
    day,
    slice_kind,
    slice,
    sum(expected)::bigint as expected
from {{ ref('stated_conversations') }}
where recency = 1
group by all

-- Grain: one row per raw tag that moved from one driver to another: the one edit of the taxonomy that changes driver
-- totals, so it is reported and never passes for a rename. A move by a new window of the seed has the day it happened
-- on. One by an edit of the row there is has none: it shows in the tags of conversations that a published build counted
-- otherwise, found by the run before the build is audited.
with

mapped as (

    select
        raw_tag_map.raw_tag,
        raw_tag_map.canonical_tag,
        canonical_tags.driver,
        greatest(raw_tag_map.valid_from, canonical_tags.valid_from) as valid_from
    from {{ ref('raw_tag_map') }} as raw_tag_map
    inner join {{ ref('canonical_tags') }} as canonical_tags
        on raw_tag_map.canonical_tag = canonical_tags.canonical_tag
            and raw_tag_map.valid_from < coalesce(canonical_tags.valid_to, date '9999-12-31')
            and canonical_tags.valid_from < coalesce(raw_tag_map.valid_to, date '9999-12-31')

),

followed as (

    select
        *,
        lag(driver) over (partition by raw_tag order by valid_from) as previous_driver,
        lag(canonical_tag) over (partition by raw_tag order by valid_from) as previous_canonical_tag
    from mapped

),

found as (

    select * from {{ source('loads', 'taxonomy_moves') }}

)

select
    raw_tag,
    valid_from as moved_on,
    previous_canonical_tag,
    canonical_tag,
    previous_driver,
    driver,
    null::varchar as previous_build,
    null::bigint as conversations
from followed
where driver != previous_driver
union all
select
    raw_tag,
    null::date as moved_on,
    previous_canonical_tag,
    canonical_tag,
    previous_driver,
    driver,
    previous_build,
    conversations
from found

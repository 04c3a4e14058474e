-- Grain: one row per canonical tag and the days it is valid.
with

canonical_tags as (

    select * from {{ ref('canonical_tags') }}

)

select
    canonical_tag,
    name,
    description,
    driver,
    valid_from,
    valid_to
from canonical_tags

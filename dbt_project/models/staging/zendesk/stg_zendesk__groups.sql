-- Grain: one row per agent group, latest version. A group is a queue.
with

versions as (

    select * from {{ source('zendesk', 'groups') }}

)

select
    source,
    id::bigint as group_id,
    {{ of_latest('name') }} as group_name
from versions
group by all

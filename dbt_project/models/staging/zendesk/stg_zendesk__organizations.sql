-- Grain: one row per organization, latest version.
with

versions as (

    select * from {{ source('zendesk', 'organizations') }}

)

select
    source,
    id::bigint as organization_id,
    arg_max(name, (updated_at, record_hash)) as organization_name
from versions
group by all

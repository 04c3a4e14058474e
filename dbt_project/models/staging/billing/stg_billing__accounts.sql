-- Grain: one row per organization that has an account: its latest account version.
with

versions as (

    select * from {{ source('billing', 'accounts') }}

)

select
    organization as organization_id,
    arg_max(id, (updated_at, started_at, record_hash)) as account_id,
    arg_max(started_at, (updated_at, started_at, record_hash)) as started_at,
    arg_max(segment, (updated_at, started_at, record_hash)) as segment,
    arg_max(arr, (updated_at, started_at, record_hash)) as arr
from versions
where organization is not null
group by all

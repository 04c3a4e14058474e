-- Grain: one row per organization of a help desk that has an account: its latest account version.
-- The same number is another organization in another help desk, so accounts declare whose they speak of.
with

versions as (

    select * from {{ source('billing', 'accounts') }}

),

organizations as (

    {{ organizations_of_accounts() }}

)

select
    organizations.source,
    versions.organization as organization_id,
    arg_max(versions.id, (versions.updated_at, versions.started_at, versions.record_hash)) as account_id,
    arg_max(versions.started_at, (versions.updated_at, versions.started_at, versions.record_hash)) as started_at,
    arg_max(versions.segment, (versions.updated_at, versions.started_at, versions.record_hash)) as segment,
    arg_max(versions.arr, (versions.updated_at, versions.started_at, versions.record_hash)) as arr
from versions
inner join organizations
    on versions.source = organizations.account_source
where versions.organization is not null
group by all

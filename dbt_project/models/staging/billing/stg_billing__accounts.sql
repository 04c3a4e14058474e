-- Grain: one row per organization of a help desk that has an account: its latest account version.
-- The same number is another organization in another help desk, so accounts declare whose they speak of.
{%- set times = ['versions.updated_at', 'versions.started_at'] %}
with

versions as (

    select * from {{ source('billing', 'accounts') }}

),

organizations as (

    {{ organizations_of_accounts() }}

),

zones as (

    {{ time_zones_of('account') }}

)

select
    organizations.source,
    versions.organization as organization_id,
    {{ of_latest('versions.source', times, 'versions.record_hash') }} as account_source,
    {{ of_latest('versions.id', times, 'versions.record_hash') }} as account_id,
    -- a day, as the export's own zone has it
    {{ of_latest('timezone(zones.time_zone, versions.started_at)::date', times, 'versions.record_hash') }} as started_on,
    {{ of_latest('versions.segment', times, 'versions.record_hash') }} as segment,
    {{ of_latest('versions.arr', times, 'versions.record_hash') }} as arr
from versions
inner join organizations
    on versions.source = organizations.account_source
inner join zones
    on versions.source = zones.source
where versions.organization is not null
group by all

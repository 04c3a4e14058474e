-- Grain: one row per invoice, the version received last: invoices tell no time of their own.
-- A period is told in days, which are those of the zone its export declares.
with

versions as (

    select * from {{ source('billing', 'invoices') }}

),

zones as (

    {{ time_zones_of('invoice') }}

)

select
    versions.source as account_source,
    versions.account as account_id,
    versions.id as invoice_id,
    timezone(zones.time_zone, versions.period_start)::date as period_start_on,
    timezone(zones.time_zone, versions.period_end)::date as period_end_on
from versions
inner join zones
    on versions.source = zones.source
qualify row_number() over (
    partition by versions.source, versions.id order by versions.export_seq desc, versions.position desc
) = 1

-- Grain: one row per touched conversation, in the words every source shares.
with

zendesk as (

    select * from {{ ref('stg_zendesk__conversations') }}

),

intercom as (

    select * from {{ ref('stg_intercom__conversations') }}

),

csv as (

    select * exclude (text) from {{ ref('stg_csv__conversations') }}

)

select * from zendesk
union all
select * from intercom
union all
select * from csv

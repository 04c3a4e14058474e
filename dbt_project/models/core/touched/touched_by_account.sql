-- Grain: one row per conversation whose organization's account is in another segment.
-- Each new record is compared with what was seen, not only the last: a killed run may have built on one between.
{%- set seen = seen_by_every_conversation_model() or 0 %}

with

organizations as (

    select
        conversation_id,
        organization_id::varchar as organization_id
    from {{ ref('stg_zendesk__latest_tickets') }}
    union all
    select
        conversation_id,
        organization_id
    from {{ ref('stg_csv__latest_conversations') }}

),

accounts as (

    select * from {{ source('billing', 'accounts') }}

),

segments_seen as (

    select
        organization,
        {{ of_latest('segment', ['updated_at', 'started_at']) }} as segment
    from accounts
    where export_seq <= {{ seen }}
    group by all

),

moved as (

    select distinct accounts.organization as organization_id
    from accounts
    left join segments_seen
        on accounts.organization = segments_seen.organization
    where accounts.export_seq > {{ seen }}
        and accounts.segment is distinct from segments_seen.segment

)

select distinct organizations.conversation_id
from organizations
inner join moved
    on organizations.organization_id = moved.organization_id

-- Grain: one row per touched conversation of a declared CSV, in the words every source shares.
-- A JSON export knows more than a CSV of the same account, so it stands where both hold a conversation.
with

touched as (

    select * from {{ ref('touched_conversations') }}

),

latest as (

    select * from {{ ref('stg_csv__latest_conversations') }}

),

records as (

    select * from {{ source('csv', 'conversations') }}

)

select
    latest.conversation_id,
    records.source,
    records.id as source_id,
    records.url,
    records.opened_at,
    records.updated_at,
    records.solved_at,
    records.status as raw_status,
    records.channel as raw_channel,
    records.queue,
    records.language as raw_language,
    records.segment,
    records.customer as customer_id,
    records.organization as organization_id,
    records.subject,
    coalesce(records.tags, []) as tags,
    coalesce(lower(records.status) = 'deleted', false) as is_deleted,
    false as is_merged,
    coalesce(records.spam, false) as is_spam,
    false as is_test,
    false as is_outbound,
    false as is_suspended,
    coalesce(records.reopens, 0) as reopens,
    coalesce(records.handoffs, 0) as handoffs,
    records.csat as raw_csat,
    null::timestamptz as csat_answered_at,
    records.sla_met as is_sla_met,
    records.text
from touched
inner join latest
    on touched.conversation_id = latest.conversation_id
inner join records
    on latest.export_seq = records.export_seq and latest.position = records.position
anti join {{ ref('stg_zendesk__latest_tickets') }} as tickets
    on latest.conversation_id = tickets.conversation_id
anti join {{ ref('stg_intercom__latest_conversations') }} as intercom
    on latest.conversation_id = intercom.conversation_id

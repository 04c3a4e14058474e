-- Grain: one row per conversation that a customer opened within the days of repeated contact after one that a new
-- export changes, or of which something was received apart: their effort counts how often they had to come back
-- about the same, and a message may tell what a contact was about.
with

contacts as (

    select conversation_id, source, customer_ids, opened_at from {{ ref('stg_zendesk__latest_tickets') }}
    union all
    select conversation_id, source, customer_ids, opened_at from {{ ref('stg_csv__latest_conversations') }}
    union all
    select conversation_id, source, customer_ids, opened_at from {{ ref('stg_intercom__latest_conversations') }}

),

changed as (

    select conversation_id from {{ ref('touched_by_own_record') }}
    union
    select conversation_id from {{ ref('touched_by_events') }}
    union
    select conversation_id from {{ ref('touched_by_people') }}

),

-- by any customer it ever had: who is not its customer any more has one contact less
earlier as (

    select
        contacts.source,
        contacts.opened_at,
        unnest(contacts.customer_ids) as customer_id
    from contacts
    semi join changed
        on contacts.conversation_id = changed.conversation_id

),

later as (

    select
        conversation_id,
        source,
        opened_at,
        unnest(customer_ids) as customer_id
    from contacts

)

select distinct later.conversation_id
from earlier
inner join later
    on earlier.source = later.source
        and earlier.customer_id = later.customer_id
        and later.opened_at > earlier.opened_at
        and later.opened_at <= earlier.opened_at + interval {{ var('repeat_contact_days') }} day

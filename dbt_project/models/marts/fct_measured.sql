-- Grain: one row per conversation in scope: everything a metric may count, beside the six dimensions. Built whole each
-- time, because what came before and after a conversation is asked of all of them, and in parts, because so many tables
-- side by side do not fit into the memory of a million. No free text is here.
{{ config(pre_hook="{{ first_part() }}", post_hook="{{ remaining_parts(ref('fct_conversations')) }}") }}
{%- set open_statuses = "('new', 'open', 'pending', 'hold')" %}
with

conversations as (

    select * from {{ ref('fct_conversations') }} where is_in_scope and {{ part_of('rowid') }}

),

-- unmasked: what is not published of a conversation, and the ids its source gave
received as (

    select
        conversations.conversation_id,
        conversations.organization_id,
        conversations.csat_answered_at,
        csat_answers.csat,
        list_has_any(conversations.tags, telling_tags.policy) as has_policy_exception
    from {{ ref('conversations') }} as conversations
    cross join {{ ref('telling_tags') }} as telling_tags
    left join {{ ref('csat_answers') }} as csat_answers
        on {{ lookup_key('conversations.raw_csat') }} = csat_answers.raw_csat
    where conversations.is_in_scope

),

sources as (

    select * from {{ ref('loaded_sources') }}

),

first_invoices as (

    select
        account_source,
        account_id,
        min(period_start_on) as starts_on,
        min(min(period_start_on)) over (partition by account_source) as invoices_from,
        arg_min(period_end_on, period_start_on) as ends_on,
        -- of some billing systems a period ends on the day the next one begins
        min(period_start_on, 2)[2] as next_starts_on
    from (select distinct account_source, account_id, period_start_on, period_end_on from {{ ref('stg_billing__invoices') }})
    where period_start_on is not null
    group by account_source, account_id

),

accounts as (

    select
        accounts.source,
        accounts.organization_id,
        accounts.started_on,
        accounts.arr,
        -- of an account older than the invoices that are held, the first one held need not be its first
        case when accounts.started_on >= first_invoices.invoices_from then first_invoices.starts_on end
            as first_invoice_starts_on,
        coalesce(
            least(first_invoices.ends_on + 1, first_invoices.next_starts_on), date '9999-12-31'
        ) as first_invoice_ended_on
    from {{ ref('stg_billing__accounts') }} as accounts
    left join first_invoices
        on accounts.account_source = first_invoices.account_source and accounts.account_id = first_invoices.account_id

),

-- what is joined by the conversation is put together first, and only then joined to the wide rows: once, not five times
beside as materialized (

    select
        ids.conversation_id,
        received.* exclude (conversation_id),
        times.* exclude (conversation_id),
        slas.* exclude (conversation_id),
        contacts.* exclude (conversation_id),
        unmapped.conversation_id is not null as has_unmapped_tag
    from (select conversation_id from conversations) as ids
    inner join received
        on ids.conversation_id = received.conversation_id
    inner join {{ ref('handling_times') }} as times
        on ids.conversation_id = times.conversation_id
    left join {{ ref('first_reply_slas') }} as slas
        on ids.conversation_id = slas.conversation_id
    left join {{ ref('neighbouring_contacts') }} as contacts
        on ids.conversation_id = contacts.conversation_id
    left join (
        select distinct conversation_id from {{ ref('fct_conversation_tags') }} where driver = 'unmapped'
    ) as unmapped
        on ids.conversation_id = unmapped.conversation_id

)

select
    conversations.conversation_id,
    conversations.source,
    conversations.opened_at,
    conversations.opened_on,
    conversations.solved_at,
    conversations.status,
    conversations.driver,
    conversations.primary_canonical_tag,
    conversations.canonical_tags,
    conversations.channel,
    conversations.queue,
    conversations.segment,
    conversations.language,
    conversations.complexity,
    conversations.customer_id,
    conversations.organization_id,
    conversations.url,
    {%- for signal in counted_signals() %}
    conversations.{{ signal }},
    {%- endfor %}
    beside.has_unmapped_tag,
    beside.has_policy_exception,
    conversations.reopens,
    conversations.handoffs,
    conversations.agent_messages,
    beside.first_reply_at,
    beside.first_reply_minutes,
    beside.first_reply_business_minutes,
    case
        when sources.tells_of_replies and conversations.status in {{ open_statuses }} then beside.first_reply_at is null
        when sources.tells_of_replies and conversations.status in ('solved', 'closed') then false
    end as is_awaiting_reply,
    beside.full_resolution_minutes,
    beside.full_resolution_business_minutes,
    case when beside.csat in ('good', 'bad') then beside.csat end as csat,
    case when beside.csat in ('good', 'bad') then beside.csat_answered_at end as csat_answered_at,
    case when sources.tells_of_surveys then coalesce(beside.csat != 'unoffered', false) end as is_surveyed,
    beside.sla_first_reply,
    beside.previous_contact_at,
    beside.next_contact_at,
    beside.previous_same_tag_contact_at,
    beside.next_same_tag_contact_at,
    sources.loaded_until,
    coalesce(conversations.opened_at >= sources.first_opened_at + interval {{ var('repeat_contact_days') }} day, false)
        as has_look_back,
    coalesce(beside.resolved_at + interval 7 day <= sources.loaded_until, false) as has_look_ahead_7,
    accounts.started_on as customer_started_on,
    case when conversations.opened_on >= accounts.started_on then conversations.opened_on - accounts.started_on end
        as customer_age_days,
    accounts.arr,
    case when accounts.first_invoice_starts_on is not null then
        conversations.opened_on >= accounts.first_invoice_starts_on
        and conversations.opened_on < accounts.first_invoice_ended_on
    end as is_in_first_invoice_cycle
from conversations
inner join beside
    on conversations.conversation_id = beside.conversation_id
left join sources
    on conversations.source = sources.source
left join accounts
    on conversations.source = accounts.source and beside.organization_id = accounts.organization_id

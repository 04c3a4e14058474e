-- Grain: one row per conversation in scope: everything a metric may count, beside the six dimensions. Built whole each
-- time, because what came before and after a conversation is asked of all of them. No free text is here.
{%- set open_statuses = "('new', 'open', 'pending', 'hold')" %}
with

conversations as (

    select * from {{ ref('fct_conversations') }} where is_in_scope

),

-- unmasked: what is not published of a conversation, and joined by the ids its source gave
received as (

    select
        conversation_id,
        source,
        organization_id,
        agent_messages,
        csat_answered_at,
        csat_answers.csat,
        list_has_any(tags, telling_tags.policy) as has_policy_exception
    from {{ ref('conversations') }} as conversations
    cross join {{ ref('telling_tags') }} as telling_tags
    left join {{ ref('csat_answers') }} as csat_answers
        on {{ lookup_key('conversations.raw_csat') }} = csat_answers.raw_csat
    where is_in_scope

),

-- a source that never tells of something says nothing by its silence
sources as (

    select
        received.source,
        any_value(loaded_sources.first_opened_at) as first_opened_at,
        any_value(loaded_sources.loaded_until) as loaded_until,
        bool_or(received.csat is not null) as tells_of_surveys,
        bool_or(received.agent_messages > 0) as tells_of_replies
    from received
    left join {{ ref('loaded_sources') }} as loaded_sources
        on received.source = loaded_sources.source
    group by all

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
            least(first_invoices.ends_on + 1, first_invoices.next_starts_on), timestamp 'infinity'::date
        ) as first_invoice_ended_on
    from {{ ref('stg_billing__accounts') }} as accounts
    left join first_invoices
        on accounts.account_source = first_invoices.account_source and accounts.account_id = first_invoices.account_id

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
    exists_unmapped.conversation_id is not null as has_unmapped_tag,
    received.has_policy_exception,
    conversations.reopens,
    conversations.handoffs,
    conversations.agent_messages,
    times.first_reply_at,
    times.first_reply_minutes,
    times.first_reply_business_minutes,
    case
        when sources.tells_of_replies and conversations.status in {{ open_statuses }} then times.first_reply_at is null
        when sources.tells_of_replies and conversations.status in ('solved', 'closed') then false
    end as is_awaiting_reply,
    times.full_resolution_minutes,
    times.full_resolution_business_minutes,
    case when received.csat in ('good', 'bad') then received.csat end as csat,
    case when received.csat in ('good', 'bad') then received.csat_answered_at end as csat_answered_at,
    case when sources.tells_of_surveys then coalesce(received.csat != 'unoffered', false) end as is_surveyed,
    slas.sla_first_reply,
    contacts.previous_contact_at,
    contacts.next_contact_at,
    contacts.previous_same_tag_contact_at,
    contacts.next_same_tag_contact_at,
    sources.loaded_until,
    conversations.opened_at >= sources.first_opened_at + interval {{ var('repeat_contact_days') }} day as has_look_back,
    coalesce(times.resolved_at + interval 7 day <= sources.loaded_until, false) as has_look_ahead_7,
    accounts.started_on as customer_started_on,
    case when conversations.opened_on >= accounts.started_on then conversations.opened_on - accounts.started_on end
        as customer_age_days,
    accounts.arr,
    case when accounts.first_invoice_starts_on is not null then
        conversations.opened_on >= accounts.first_invoice_starts_on
        and conversations.opened_on < accounts.first_invoice_ended_on
    end as is_in_first_invoice_cycle
from conversations
inner join received
    on conversations.conversation_id = received.conversation_id
inner join {{ ref('handling_times') }} as times
    on conversations.conversation_id = times.conversation_id
inner join sources
    on conversations.source = sources.source
left join (
    select distinct conversation_id from {{ ref('fct_conversation_tags') }} where driver = 'unmapped'
) as exists_unmapped
    on conversations.conversation_id = exists_unmapped.conversation_id
left join {{ ref('first_reply_slas') }} as slas
    on conversations.conversation_id = slas.conversation_id
left join {{ ref('neighbouring_contacts') }} as contacts
    on conversations.conversation_id = contacts.conversation_id
left join accounts
    on conversations.source = accounts.source and received.organization_id = accounts.organization_id

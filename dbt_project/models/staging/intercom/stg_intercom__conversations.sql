-- Grain: one row per touched Intercom conversation, in the words every source shares.
with

records as (

    select * from {{ ref('stg_intercom__records') }}

)

select
    conversation_id,
    source,
    id as source_id,
    -- source.url is the page the customer was on, not a link to the conversation
    null::varchar as url,
    to_timestamp(created_at) as opened_at,
    to_timestamp(updated_at) as updated_at,
    case when state = 'closed' then to_timestamp(coalesce(statistics.last_close_at, updated_at)) end as solved_at,
    state as raw_status,
    conversation_source.type as raw_channel,
    team_assignee_id as queue,
    null::varchar as raw_language,
    null::varchar as segment,
    coalesce(contacts.contacts[1].id, conversation_source.author.id) as customer_id,
    null::varchar as organization_id,
    coalesce(title, conversation_source.subject) as subject,
    coalesce(list_transform(tags.tags, lambda tag: tag.name), []) as tags,
    false as is_deleted,
    false as is_merged,
    false as is_spam,
    false as is_test,
    coalesce(conversation_source.author.type in ('admin', 'bot', 'team'), false) as is_outbound,
    false as is_suspended,
    coalesce(statistics.count_reopens, 0) as reopens,
    -- the first assignment is not a handoff
    greatest(coalesce(statistics.count_assignments, 0) - 1, 0) as handoffs,
    conversation_rating.rating::varchar as raw_csat,
    to_timestamp(conversation_rating.created_at) as csat_answered_at,
    null::boolean as is_sla_met
from records

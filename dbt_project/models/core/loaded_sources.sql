-- Grain: one row per source of conversations: from when, and until when it is loaded, and what it tells of at all: a
-- source that never tells of surveys, or of replies, says nothing by its silence.
-- Loaded until the latest time its conversations tell of. A time later than the moment its last export was received
-- tells nothing: one ticket dated 2099 must not complete every period.
-- Once it is silent for longer than `source_silent_days` while another source goes on, it has ended.
{{ config(materialized='table') }}

with

conversations as (

    select * from {{ ref('conversations') }}

),

exports as (

    select * from {{ source('loads', 'exports') }}

),

-- the exports that hold the latest version of any conversation
heard as (
{% for model in ['stg_zendesk__latest_tickets', 'stg_intercom__latest_conversations', 'stg_csv__latest_conversations'] %}
    select distinct source, export_seq from {{ ref(model) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
),

received as (

    select
        heard.source,
        max(exports.loaded_at) as received_at
    from heard
    inner join exports
        on heard.export_seq = exports.export_seq
    group by all

),

loaded as (

    select
        conversations.source,
        min(conversations.opened_at) as first_opened_at,
        greatest(
            max(conversations.opened_at) filter (where conversations.opened_at <= received.received_at),
            max(conversations.updated_at) filter (where conversations.updated_at <= received.received_at)
        ) as loaded_until,
        bool_or(csat_answers.csat is not null) as tells_of_surveys,
        bool_or(conversations.agent_messages > 0) as tells_of_replies
    from conversations
    inner join received
        on conversations.source = received.source
    left join {{ ref('csat_answers') }} as csat_answers
        on {{ lookup_key('conversations.raw_csat') }} = csat_answers.raw_csat
    group by all

)

select
    *,
    coalesce(
        loaded_until < max(loaded_until) over () - interval {{ var('source_silent_days') }} day, false
    ) as has_ended
from loaded

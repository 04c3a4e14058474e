-- Grain: one row per conversation this run has to build.
-- is_changed: a new export changes it, or an answer that nobody had given when its signals were built. Others are
-- here because the code or the taxonomy of a model changed, and that model builds them all again.
{{ config(materialized='table') }}

with

everything as (

    select conversation_id from {{ ref('stg_zendesk__latest_tickets') }}
    union
    select conversation_id from {{ ref('stg_csv__latest_conversations') }}
    union
    select conversation_id from {{ ref('stg_intercom__latest_conversations') }}

),

changed as (

    select conversation_id from {{ ref('touched_by_own_record') }}
    union
    select conversation_id from {{ ref('touched_by_events') }}
    union
    select conversation_id from {{ ref('touched_by_people') }}
    union
    select conversation_id from {{ ref('touched_by_queue') }}
    union
    select conversation_id from {{ ref('touched_by_account') }}
    union
    select conversation_id from {{ ref('touched_by_earlier_contact') }}
    union
    select conversation_id from {{ source('loads', 'newly_answered') }}

)

{% if seen_by_every_conversation_model() is none -%}

select
    conversation_id,
    true as is_changed
from everything

{%- elif any_conversation_model_is_stale() -%}

select
    everything.conversation_id,
    changed.conversation_id is not null as is_changed
from everything
left join changed
    on everything.conversation_id = changed.conversation_id

{%- else -%}

select
    conversation_id,
    true as is_changed
from changed

{%- endif %}

-- Grain: one row per conversation of which a new version was received, newest or not.
{%- set seen = seen_by_every_conversation_model() or 0 %}

select conversation_id from {{ ref('stg_zendesk__latest_tickets') }} where last_seen_seq > {{ seen }}
union
select conversation_id from {{ ref('stg_csv__latest_conversations') }} where last_seen_seq > {{ seen }}
union
select conversation_id from {{ ref('stg_intercom__latest_conversations') }} where last_seen_seq > {{ seen }}

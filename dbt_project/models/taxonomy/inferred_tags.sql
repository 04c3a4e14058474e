-- Grain: one row per touched conversation without a tag of its own and canonical tag its first customer
-- message speaks of. Marked as inferred wherever it is shown.
{{ config(materialized='view') }}

with

conversations as (

    select * from {{ ref('conversations') }}

),

touched as (

    select * from {{ ref('touched_conversations') }}

),

machine_tags as (

    select coalesce(list(raw_tag), []) as raw_tags
    from {{ ref('raw_tags') }}
    where machine_meaning is not null

),

untagged as (

    select
        conversations.conversation_id,
        conversations.opened_on,
        conversations.language,
        conversations.first_customer_message_no
    from conversations
    inner join touched
        on conversations.conversation_id = touched.conversation_id
    cross join machine_tags
    where len(list_filter(conversations.tags, lambda tag: not list_contains(machine_tags.raw_tags, tag))) = 0

),

first_messages as (

    select
        untagged.conversation_id,
        untagged.opened_on,
        untagged.language,
        {{ keyword_text('messages.body') }} as body
    from {{ ref('fct_messages') }} as messages
    inner join untagged
        on messages.conversation_id = untagged.conversation_id
            and messages.message_no = untagged.first_customer_message_no

),

matched as (

    select
        conversation_id,
        opened_on,
        unnest(
            case language
            {%- for language in ['en', 'de', 'es'] %}
                when '{{ language }}' then {{ match_keyword_rules('body', keyword_rules(language)) }}
            {%- endfor %}
                when 'unknown' then {{ match_keyword_rules('body', keyword_rules()) }}
            end
        ) as hit
    from first_messages

)

-- depends_on: {{ ref('keyword_rules') }}
select
    conversation_id,
    opened_on,
    hit.canonical_tag
from matched
where {{ is_valid_on('opened_on', 'hit') }}
group by conversation_id, opened_on, hit.canonical_tag
-- one mention of a weak word is not a topic
having sum(hit.weight) >= 2
qualify row_number() over (
    partition by conversation_id order by sum(hit.weight) desc, hit.canonical_tag
) = 1

with tagged as (

    select distinct ticket_tags.ticket_id
    from {{ ref('ticket_tags') }} as ticket_tags
    inner join {{ ref('raw_tags') }} as raw_tags
        on ticket_tags.raw_tag = raw_tags.raw_tag
    where raw_tags.machine_meaning is null

),

first_messages as (

    select conversations.conversation_id, opened_on, language, {{ keyword_text('messages.body') }} as body
    from {{ ref('conversations') }} as conversations
    inner join {{ ref('fct_messages') }} as messages
        on conversations.conversation_id = messages.conversation_id
            and conversations.first_customer_message_no = messages.message_no
    where conversations.ticket_id not in (select ticket_id from tagged)

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
select conversation_id, opened_on, hit.canonical_tag
from matched
where opened_on >= hit.valid_from and opened_on < coalesce(hit.valid_to, date '9999-12-31')
group by conversation_id, opened_on, hit.canonical_tag
having sum(hit.weight) >= 2
qualify row_number() over (partition by conversation_id order by sum(hit.weight) desc, hit.canonical_tag) = 1

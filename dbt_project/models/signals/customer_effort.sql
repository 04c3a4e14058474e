-- Grain: one row per touched, in-scope conversation: how much work has the customer had with this matter?
-- points =   1 per two replies after the first message (2 at most)
--          + 2 per reopening + 1 per handoff
--          + 2 per earlier conversation of the same customer within 14 days on a driver they share (4 at most)
--          + 1 if the first answer of an agent took a day, 2 if three days
--          + the heaviest cue of the customer's words (pack effort_cues): 3 for repeated contact or being passed around;
--            else 2 for holding, weeks of waiting or doing it again, and 1 for steps taken, silence or annoyance
-- low, medium and high by the vars effort_medium_from and effort_high_from; confidence grows with the distance from them.
{%- set rule_sets = effort_rule_sets() %}
with

conversations as (

    select * from {{ ref('languages_detected') }}

),

facts as (

    select * from {{ ref('conversations') }}

),

tags as (

    -- two conversations that both carry a machine's tag, or one nobody knows, are not about the same
    select distinct conversation_id, driver
    from {{ ref('fct_conversation_tags') }}
    where driver not in ('system', 'unmapped')

),

own_words as (

    select * from {{ ref('own_words') }}

),

said as (

    select distinct conversation_id from own_words

),

repeats as (

    select
        facts.conversation_id,
        count(distinct earlier.conversation_id) as contacts
    from facts
    inner join conversations
        on facts.conversation_id = conversations.conversation_id
    inner join facts as earlier
        on facts.source = earlier.source
            and facts.customer_id = earlier.customer_id
            and earlier.is_in_scope
            and earlier.opened_at < facts.opened_at
            and earlier.opened_at >= facts.opened_at - interval {{ var('repeat_contact_days') }} day
    inner join tags
        on facts.conversation_id = tags.conversation_id
    inner join tags as earlier_tags
        on earlier.conversation_id = earlier_tags.conversation_id and tags.driver = earlier_tags.driver
    group by all

),

cues as (
{% for language, points in rule_sets.items() %}
    select conversation_id, message_no, words, text,
        {{ first_cue('text', points[3].values()) }} as strong,
        case when strong is null then {{ first_cue('text', [points[2].values() | sum(start=[])]) }} end as medium,
        case when strong is null then {{ first_cue('text', [points[1].values() | sum(start=[])]) }} end as light
    from (select *, {{ signal_text('words') }} as text from own_words where language = '{{ language }}')
    {{ 'union all' if not loop.last }}
{%- endfor %}
{%- if not rule_sets %}
    select conversation_id, message_no, words, words as text, words as strong, words as medium, words as light
    from own_words where false
{%- endif %}
),

told as (

    select
        conversation_id,
        case
            when bool_or(strong is not null) then 3
            else 2 * bool_or(medium is not null)::integer + bool_or(light is not null)::integer
        end as points,
        arg_min(
            {'message_no': message_no, 'cue': {{ signal_cue('words', 'text', 'coalesce(strong, medium, light)') }}},
            (strong is null, medium is null, message_no)
        ) filter (where coalesce(strong, medium, light) is not null) as hit
    from cues
    group by all

),

pointed as (

    select
        conversations.conversation_id,
        {{ abstain_reason(['en', 'de', 'es']) }} as abstain_reason,
        coalesce(told.points, 0)
        + least(greatest(facts.customer_messages - 1, 0) // 2, 2)
        + 2 * facts.reopens
        + facts.handoffs
        + least(2 * coalesce(repeats.contacts, 0), 4)
        + case
            when facts.first_agent_reply_at >= facts.opened_at + interval 72 hour then 2
            when facts.first_agent_reply_at >= facts.opened_at + interval 24 hour then 1
            else 0
        end as points,
        told.hit
    from conversations
    inner join facts
        on conversations.conversation_id = facts.conversation_id
    left join said
        on conversations.conversation_id = said.conversation_id
    left join told
        on conversations.conversation_id = told.conversation_id
    left join repeats
        on conversations.conversation_id = repeats.conversation_id

),

levelled as (

    select
        *,
        case
            when points >= {{ var('effort_high_from') }} then 'high'
            when points >= {{ var('effort_medium_from') }} then 'medium'
            else 'low'
        end as level,
        -- to the nearest point count of another level
        case
            when points >= {{ var('effort_high_from') }} then points - {{ var('effort_high_from') }} + 1
            when points >= {{ var('effort_medium_from') }}
                then least(points - {{ var('effort_medium_from') }} + 1, {{ var('effort_high_from') }} - points)
            else {{ var('effort_medium_from') }} - points
        end as margin
    from pointed

)

-- depends_on: {{ ref('effort_cues') }}
select
    conversation_id,
    case when abstain_reason is null then level end as value,
    case when abstain_reason is null then (50 + 10 * least(margin, 4)) / 100 end as confidence,
    abstain_reason,
    case when abstain_reason is null and level <> 'low' then hit.message_no end as message_no,
    case when abstain_reason is null and level <> 'low' then hit.cue end as cue,
    {{ classified_by('effort_formula', 'effort_cues') }}
from levelled

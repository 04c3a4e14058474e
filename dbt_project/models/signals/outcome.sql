-- Grain: one row per touched, in-scope conversation: how did the matter end between customer and company?
-- In this order: escalated, where the customer speaks of a lawyer, a regulator or a supervisor; unresolved, by a bad
-- rating or last words like "still not working"; abandoned, where the customer gives up or an agent's question stayed
-- without an answer for seven days; resolved, by a good rating, last words like "that fixed it", or the status of a
-- conversation an agent answered in. Where only the request is known it stands as the request left it: unresolved, and
-- with little confidence if the source calls it closed.
-- the hints looked for are those of all packs
-- depends_on: {{ ref('churn_rules') }}, {{ ref('outcome_cues') }}
{%- set rule_sets = outcome_rule_sets() %}
with

conversations as (

    select * from {{ ref('languages_detected') }}

),

facts as (

    select * from {{ ref('conversations') }}

),

own_words as (

    select * from {{ ref('own_words') }}

),

messages as (

    select * from {{ ref('fct_messages') }}

),

last_words as (

    select conversation_id, max(message_no) as message_no from own_words group by all

),

escalations as (
{% for rules in rule_sets %}
    {%- set texts %}
(
        select
            conversation_id,
            message_no,
            words,
            {{ signal_text('words') }} as text,
            {{ signal_sentences('text', rules.hints) }} as sentences
        from own_words
        where language = '{{ rules.language }}' and {{ has_hint('hinted', rules.hints, rules.language) }}
    )
    {%- endset %}
    select conversation_id, message_no, {{ signal_cue('words', 'text', 'found') }} as cue
    from {{ worked_out(texts, 'found', first_cue(signal_struck('sentences', rules.ignored), [rules.escalated])) }}
    where found is not null
    {{ 'union all' if not loop.last }}
{%- endfor %}
{%- if not rule_sets %}
    select conversation_id, message_no, words as cue from own_words where false
{%- endif %}
),

escalated as (

    select conversation_id, min(message_no) as message_no, arg_min(cue, message_no) as cue
    from escalations
    where cue is not null
    group by all

),

endings as (
{% for rules in rule_sets %}
    select
        conversation_id,
        message_no,
        words,
        text,
        {{ first_cue('text', [rules.unresolved]) }} as unresolved,
        {{ first_cue('text', [rules.abandoned]) }} as abandoned,
        coalesce(
            {{ first_cue('text', [rules.resolved]) }},
            -- thanks alone close a short message; below a long one they are manners
            case when length(words) <= {{ var('outcome_short_message') }} then {{ first_cue('text', [rules.short_thanks]) }} end
        ) as resolved
    from (
        select
            own_words.conversation_id,
            own_words.message_no,
            own_words.words,
            {{ signal_text("right(own_words.words, 250)") }} as text
        from own_words
        inner join last_words
            on own_words.conversation_id = last_words.conversation_id and own_words.message_no = last_words.message_no
        where own_words.language = '{{ rules.language }}'
    )
    {{ 'union all' if not loop.last }}
{%- endfor %}
{%- if not rule_sets %}
    select conversation_id, message_no, words, words as text, words as unresolved, words as abandoned, words as resolved
    from own_words where false
{%- endif %}
),

last_messages as (

    select
        messages.conversation_id,
        max(messages.message_no) as message_no,
        arg_max(messages.author_role, messages.message_no) as author_role,
        arg_max(messages.sent_at, messages.message_no) as sent_at
    from messages
    inner join conversations
        on messages.conversation_id = conversations.conversation_id
    group by all

),

-- an agent asked, nobody answered for a week, and the conversation was solved all the same
unanswered as (

    select last_messages.conversation_id
    from last_messages
    inner join facts
        on last_messages.conversation_id = facts.conversation_id
            and facts.solved_at >= last_messages.sent_at + interval 7 day
    inner join messages
        on last_messages.conversation_id = messages.conversation_id and last_messages.message_no = messages.message_no
    where last_messages.author_role = 'agent' and contains(right(messages.body, 300), '?')

),

judged as (

    select
        conversations.conversation_id,
        {{ abstain_reason(['en', 'de', 'es']) | replace('said.', 'last_words.') }} as kept_silent,
        lower(facts.raw_csat) in ('bad', 'unsatisfied', '1', '2') as is_bad,
        lower(facts.raw_csat) in ('good', 'satisfied', '4', '5') as is_good,
        facts.status in ('solved', 'closed') as is_solved,
        facts.agent_messages > 0 as is_answered,
        case
            when escalated.cue is not null then 'escalated'
            when is_bad then 'unresolved'
            when endings.unresolved is not null then 'unresolved'
            when endings.abandoned is not null or unanswered.conversation_id is not null then 'abandoned'
            when endings.resolved is not null or is_good then 'resolved'
            when is_solved and is_answered then 'resolved'
            else 'unresolved'
        end as outcome,
        case outcome
            when 'unresolved' then endings.unresolved
            when 'abandoned' then endings.abandoned
            when 'resolved' then endings.resolved
        end as said_last,
        case
            when outcome = 'escalated' then escalated.cue
            when said_last is not null then {{ signal_cue('endings.words', signal_text('endings.words'), 'said_last') }}
        end as cue,
        case when outcome = 'escalated' then escalated.message_no else endings.message_no end as message_no
    from conversations
    inner join facts
        on conversations.conversation_id = facts.conversation_id
    left join last_words
        on conversations.conversation_id = last_words.conversation_id
    left join escalated
        on conversations.conversation_id = escalated.conversation_id
    left join endings
        on conversations.conversation_id = endings.conversation_id
    left join unanswered
        on conversations.conversation_id = unanswered.conversation_id

)

select
    conversation_id,
    case when kept_silent is null then outcome end as value,
    -- said in words or by a rating, or only by the state of the ticket
    case
        when kept_silent is not null then null
        when cue is not null or is_bad or is_good then {{ var('signal_confidence')['outcome_told'] }}
        when is_solved and not is_answered then {{ var('signal_confidence')['outcome_request_only'] }}
        else {{ var('signal_confidence')['outcome_status'] }}
    end as confidence,
    kept_silent as abstain_reason,
    case when kept_silent is null and cue is not null then message_no end as message_no,
    case when kept_silent is null then cue end as cue,
    {{ classified_by('outcome_cues', 'outcome_cues') }}
from judged

-- Grain: one row per touched, in-scope conversation: does the customer speak of leaving?
-- Rules of the pack churn_rules over the customer's own words; what only looks like leaving (negated, one order, an
-- account somebody else closes, moving to us) is struck out first. A hedged wish is a mention, also beside a decision.
-- the hints looked for are those of all packs
-- depends_on: {{ ref('churn_rules') }}, {{ ref('outcome_cues') }}
{%- set rule_sets = churn_rule_sets() %}
with

conversations as (

    select * from {{ ref('languages_detected') }}

),

own_words as (

    select * from {{ ref('own_words') }}

),

said as (

    select distinct conversation_id from own_words

),

hits as (
{% for rules in rule_sets %}
    {{ signal_hits(rules, has_hint('hinted', rules.hints, rules.language)) }}
    {{ 'union all' if not loop.last }}
{%- endfor %}
{%- if not rule_sets %}
    select conversation_id, message_no, words as value, 0.0::double as confidence, words as cue from own_words where false
{%- endif %}
),

found as (

    select
        conversation_id,
        -- intent in any message outweighs a mention in another
        arg_min(
            {'value': value, 'confidence': confidence, 'message_no': message_no, 'cue': cue},
            (value <> 'intent', -confidence, message_no)
        ) as hit
    from hits
    where cue is not null
    group by all

),

answered as (

    select
        conversations.conversation_id,
        {{ abstain_reason(['en', 'de', 'es']) }} as abstain_reason,
        found.hit
    from conversations
    left join said
        on conversations.conversation_id = said.conversation_id
    left join found
        on conversations.conversation_id = found.conversation_id

)

select
    conversation_id,
    case when abstain_reason is null then coalesce(hit.value, 'none') end as value,
    case when abstain_reason is null then coalesce(hit.confidence, {{ var('signal_confidence')['churn_none'] }}) end as confidence,
    abstain_reason,
    hit.message_no as message_no,
    hit.cue as cue,
    {{ classified_by('churn_rules', 'churn_rules') }}
from answered

-- Grain: one row per touched, in-scope conversation and custom signal answered by rules: the signals declared under
-- config.meta.signals. The first rule that speaks gives the value, `otherwise` stands where none does, without a cue.
-- the hints looked for are those of all packs
-- depends_on: {{ ref('churn_rules') }}, {{ ref('outcome_cues') }}
{%- set signals = signals_by_rules() %}
with

conversations as (

    select * from {{ ref('languages_detected') }}

),

own_words as (

    select * from {{ ref('own_words') }}

),

churn_risk as (

    select * from {{ ref('churn_risk') }} where cue is not null

),

said as (

    select distinct conversation_id from own_words

),

signals as (
{% for signal in signals %}
    select
        '{{ signal.name }}' as signal,
        '{{ signal.otherwise | replace("'", "''") }}' as otherwise,
        ['{{ signal.languages | join("', '") }}'] as languages,
        '{{ signal.version }}' as version
    {{ 'union all' if not loop.last }}
{%- endfor %}
{%- if not signals %}
    select '' as signal, '' as otherwise, [''] as languages, '' as version where false
{%- endif %}
),

hits as (
{% for signal in signals %}
    {{ custom_signal_hits(signal) }}
    {{ 'union all' if not loop.last }}
{%- endfor %}
{%- if not signals %}
    select '' as signal, 0 as rank, conversation_id, message_no, words as value, 0.0::double as confidence, words as cue
    from own_words where false
{%- endif %}
),

found as (

    select
        signal,
        conversation_id,
        arg_min(
            {'value': value, 'confidence': confidence, 'message_no': message_no, 'cue': cue}, (rank, -confidence, message_no)
        ) as hit
    from hits
    where cue is not null
    group by all

),

answered as (

    select
        conversations.conversation_id,
        signals.signal,
        signals.otherwise,
        signals.version,
        case
            when said.conversation_id is null then 'no customer words'
            when not list_contains(signals.languages, conversations.language) then 'language not spoken'
        end as abstain_reason,
        found.hit
    from conversations
    cross join signals
    left join said
        on conversations.conversation_id = said.conversation_id
    left join found
        on conversations.conversation_id = found.conversation_id and signals.signal = found.signal

)

select
    conversation_id,
    signal,
    case when abstain_reason is null then coalesce(hit.value, otherwise) end as value,
    case when abstain_reason is null then coalesce(hit.confidence, {{ var('signal_confidence')['custom_otherwise'] }}) end as confidence,
    abstain_reason,
    case when abstain_reason is null then hit.message_no end as message_no,
    case when abstain_reason is null then hit.cue end as cue,
    'rules' as classifier,
    version as classifier_version
from answered

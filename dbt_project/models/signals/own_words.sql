-- Grain: one row per customer message of a touched, in-scope conversation that holds words of the customer's own.
-- `words` is verbatim text of the published body, without quoted history, signatures, disclaimers and templates;
-- where something was cut from the middle stands a line with the character U+001F, across which no rule reads.
-- `is_cut` where anything was. `hinted` has a bit for each classifier and custom signal of its language that finds a hint in it: which texts to read is
-- told, for all of them, at the price of one scan.
{{ config(
    pre_hook="pragma force_compression = 'zstd'",
    post_hook="pragma force_compression = 'auto'"
) }}
with

languages as (

    select * from {{ ref('languages_detected') }}

),

messages as (

    select
        messages.conversation_id,
        messages.message_no,
        messages.author_role,
        languages.language,
        messages.body
    from {{ ref('fct_messages') }} as messages
    inner join languages
        on messages.conversation_id = languages.conversation_id
    where messages.author_role = 'customer'

),

readable as (

    select
        *,
        {{ signal_text('words') }} as text
    from {{ worked_out('messages', 'words', own_words_of('body')) }}
    where words is not null and words <> ''

)

-- depends_on: {{ ref('churn_rules') }}
-- depends_on: {{ ref('outcome_cues') }}
-- depends_on: {{ ref('own_words_marks') }}
select
    conversation_id,
    message_no,
    author_role,
    language,
    words,
    words <> body as is_cut,
    case language
    {%- for language in ['en', 'de', 'es'] %}
        when '{{ language }}' then {{ hinted_readers('text', language) }}
    {%- endfor %}
    end as hinted
from readable

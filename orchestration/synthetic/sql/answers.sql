-- Grain: one row per record: `bodies` are the subject and the eleven messages a conversation may
-- have, empty where it has none: asks, replies, ends, comes back, late, bot, note, answer, second
-- answer, closing, answer after a reopening.
create or replace temp view told as
with

answered as (

    select
        *,
        case when is_answered and is_customers then concat(
            say_agent_greeting(language_no, no, 'agent greeting'), e'\n\n',
            concat_ws(
                ' ',
                say_agent_line(language_no, no, 'agent line'),
                say_agent_line(language_no, no, 'agent line 2'),
                case when share(no, 'agent says') < 0.5
                    then say_agent_line(language_no, no, 'agent line 3') end
            ),
            e'\n\n', say_agent_sign(language_no, no, 'agent sign')
        ) end as answers,
        case when has_reply and is_customers then concat_ws(
            ' ',
            say_agent_line(language_no, no, 'answer'),
            say_agent_line(language_no, no, 'answer 2'),
            say_agent_sign(language_no, no, 'agent sign')
        ) end as answers_again,
        case
            when fate = 'merged' then concat(
                'This request was closed and merged into request #', ticket_id(no + 2), '.'
            )
            when share(no, 'closes') < 0.35 and is_customers then concat_ws(
                ' ',
                say_agent_line(language_no, no, 'closing'),
                say_agent_close(language_no, no, 'close')
            )
        end as closes

    from spoken

),

worded as (

    select
        *,
        concat(
            case
                when share(no, 'odd') < 0.004 then say_odd_subject(1, no, 'odd subject')
                else say_subject(language_no, no, 'subject')
            end,
            chr(30), customer_words,
            chr(30), case when has_bot and is_customers
                then say_bot_line(language_no, no, 'bot line') end,
            chr(30), case when share(no, 'noted') < 0.28 and is_customers
                then say_note(1, no, 'note') end,
            chr(30), answers,
            chr(30), answers_again,
            chr(30), closes,
            chr(30), case when reopens then say_agent_line(language_no, no, 'again') end
        ) as words
    from answered

)

select
    *,
    string_split(
        said(
            words, no, customer_no, organization_no, [noun_en, noun_de, noun_es][language_no],
            product_kind, language, opened_at, agent_no
        ),
        chr(30)
    ) as bodies
from worded;

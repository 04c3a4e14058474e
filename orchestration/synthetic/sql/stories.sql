-- Grain: one row per record: what the customer has to tell, before greeting and signature.
-- Choices depend on the conversation alone, so a later version of a ticket repeats its earlier
-- messages letter by letter.
create or replace temp view stories as
with

flagged as (

    select
        *,
        fate in ('normal', 'deleted', 'merged') as is_customers,
        share(no, 'bot') < case channel
            when 'chat' then 0.75 when 'native_messaging' then 0.75 when 'email' then 0.15 else 0.25
        end as has_bot,
        planned_outcome <> 'abandoned' or share(no, 'left alone') < 0.5 as is_answered,
        is_answered and (effort = 'high' or share(no, 'asks back') < 0.5) as has_reply,
        pick(no, 'second topic', 58) + 1 as other_topic_no,
        share(no, 'has second topic') < 0.16 as has_second_topic,
        share(no, 'style') as style

    from records

),

customers as (

    select
        *,
        concat_ws(
            ' ',
            case when share(no, 'opens') < 0.8 then say_opener(language_no, no, 'opener') end,
            say_problem(topic_no, language_no, no, 'problem'),
            case when share(no, 'details') < 0.85 then say_detail(language_no, no, 'detail') end,
            case when share(no, 'details') < 0.62
                then say_problem(topic_no, language_no, no, 'again') end,
            case when has_second_topic
                then say_problem(other_topic_no, language_no, no, 'other') end,
            case when share(no, 'affects') < 0.8 then say_impact(language_no, no, 'impact') end,
            case
                when effort = 'high' then say_effort_high(language_no, no, 'effort')
                when effort = 'medium' and share(no, 'tells effort') < 0.6
                    then say_effort_medium(language_no, no, 'effort')
                when share(no, 'tells effort') < 0.3 then say_effort_low(language_no, no, 'effort')
            end,
            case when share(no, 'aside') < 0.22 then replace(
                say_aside(language_no, no, 'aside'),
                '{other}',
                say_problem(pick(no, 'aside topic', 58) + 1, language_no, no, 'aside problem')
            ) end,
            case when share(no, 'details') between 0.1 and 0.95 then concat_ws(
                ' ',
                say_detail(language_no, no, 'second detail'),
                say_impact(language_no, no, 'second impact')
            ) end,
            case when share(no, 'details') between 0.1 and 0.8 then concat_ws(
                ' ',
                say_reply(language_no, no, 'remark'),
                say_detail(language_no, no, 'third detail'),
                case when share(no, 'long') < 0.8
                    then say_reply(language_no, no, 'second remark') end,
                case when share(no, 'long') < 0.6 then concat_ws(
                    ' ',
                    say_detail(language_no, no, 'fourth detail'),
                    say_impact(language_no, no, 'third impact')
                ) end
            ) end,
            case sentiment
                when 'negative' then say_tone_negative(language_no, no, 'tone')
                when 'positive' then say_tone_positive(language_no, no, 'tone')
                when 'mixed' then say_tone_mixed(language_no, no, 'tone')
                else case when share(no, 'plain') < 0.5
                    then say_tone_neutral(language_no, no, 'tone') end
            end,
            case churn
                when 'intent' then say_churn_intent(language_no, no, 'churn')
                when 'mention' then say_churn_mention(language_no, no, 'churn')
                else case when share(no, 'loyal') < 0.06
                    then say_churn_none(language_no, no, 'churn') end
            end,
            case when share(no, 'personal') < 0.2
                then say_personal(language_no, no, 'personal') end,
            case when share(no, 'asks') < 0.75 then say_ask(language_no, no, 'ask') end
        ) as story

    from flagged

)

select * from customers

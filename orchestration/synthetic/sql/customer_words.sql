-- Grain: one row per record: the customer's five possible messages, empty where there is none.
create or replace temp view spoken as
with

first_messages as (

    select
        *,
        case fate
            when 'spam' then say_spam(1, no, 'spam')
            when 'sample' then say_sample(1, no, 'sample')
            when 'outbound' then say_outbound(1, no, 'outbound')
            else concat(
                case when channel not in ('chat', 'native_messaging') or style > 0.5
                    then say_greeting(language_no, no, 'greeting') || e'\n\n' end,
                story,
                case when channel in ('email', 'web') or style > 0.7
                    then e'\n\n' || say_signoff(language_no, no, 'signoff') end,
                case when channel = 'email' and share(no, 'signs') < 0.55
                    then e'\n' || say_signature(language_no, customer_no, 'signature') end
            )
        end as asks,
        case when is_customers and has_reply then concat_ws(
            ' ',
            say_reply(language_no, no, 'reply'),
            case when share(no, 'replies more') < 0.8
                then say_detail(language_no, no, 'reply detail') end,
            case when share(no, 'replies more') < 0.6
                then say_reply(language_no, no, 'second reply') end,
            case when share(no, 'replies more') between 0.2 and 0.7
                then say_problem(topic_no, language_no, no, 'reply problem') end,
            case when share(no, 'replies more') between 0.1 and 0.9
                then say_impact(language_no, no, 'reply impact') end,
            case when share(no, 'replies more') between 0.2 and 0.8
                then say_detail(language_no, no, 'second reply detail') end,
            case when share(no, 'replies more') between 0.4 and 0.9
                then say_ask(language_no, no, 'reply ask') end,
            case when sentiment = 'negative' and share(no, 'still angry') < 0.5
                then say_tone_negative(language_no, no, 'reply tone')
                when sentiment = 'mixed' then say_tone_mixed(language_no, no, 'reply tone') end
        ) end as replies,
        case when is_customers and not reopens and share(no, 'has last word') < 0.45 then
            case planned_outcome
                when 'resolved' then say_final_resolved(language_no, no, 'final')
                when 'unresolved' then say_final_unresolved(language_no, no, 'final')
                when 'escalated' then say_final_escalated(language_no, no, 'final')
            end
        end as ends,
        case when reopens then concat_ws(
            ' ',
            say_late_comment(language_no, no, 'back'),
            say_problem(topic_no, language_no, no, 'back problem')
        ) end as comes_back

    from stories

)

select
    *,
    -- people mistype, shout, or do not bother with capitals
    restyle(
        mistype(mistype(
            concat_ws(
                chr(30),
                asks,
                coalesce(replies, ''),
                coalesce(ends, ''),
                coalesce(comes_back, ''),
                case when status = 'open' and is_updated
                    then say_late_comment(language_no, no, 'late') else '' end
            ), no, 'typo'
        ), no, 'second typo'),
        style
    ) as customer_words
from first_messages;

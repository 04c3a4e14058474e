-- Grain: one row per conversation number: channel, fate, and the labels that are its truth.
create or replace temp table labelled as
with

drawn as (

    select
        *,
        one_of(getvariable('channels'), no, 'channel') as drawn_channel,
        case
            when is_updated then 'normal'
            when share(no, 'fate') < 0.010 then 'deleted'
            when share(no, 'fate') < 0.025 then 'merged'
            when share(no, 'fate') < 0.030 then 'spam'
            when share(no, 'fate') < 0.032 then 'sample'
            when share(no, 'fate') < 0.047 then 'outbound'
            else 'normal'
        end as fate,
        case
            when share(no, 'effort') < 0.06 + gloom / 600
                + case when is_repeat then 0.3 else 0 end
                + case when is_new then 0.12 else 0 end
                + case when is_new and driver = 'onboarding_setup' then 0.15 else 0 end then 'high'
            when share(no, 'effort') < 0.45 + gloom / 500 then 'medium'
            else 'low'
        end as effort

    from people

),

felt as (

    select
        *,
        case
            when fate = 'sample' then 'sample_ticket'
            when fate = 'outbound' then 'email'
            else drawn_channel
        end as channel,
        case
            when fate in ('spam', 'sample', 'outbound') then 'neutral'
            when share(no, 'feeling') < gloom / 170 + case effort when 'high' then 0.2 else 0 end
                + case when is_restless then 0.08 else 0 end then 'negative'
            when share(no, 'second feeling') < 0.11 then 'mixed'
            when share(no, 'second feeling') < 0.11 + (100 - gloom) / 350 then 'positive'
            when canonical_tag = 'praise' then 'positive'
            else 'neutral'
        end as sentiment,
        case
            when fate in ('spam', 'sample', 'outbound', 'merged') then 'resolved'
            when share(no, 'outcome') < 0.03 + case effort when 'high' then 0.08 else 0 end
                + case canonical_tag when 'escalation_request' then 0.6 else 0 end then 'escalated'
            when share(no, 'outcome') < 0.13 + case effort when 'high' then 0.1 else 0 end
                + case canonical_tag when 'escalation_request' then 0.6 else 0 end then 'unresolved'
            when share(no, 'outcome') > 0.94 then 'abandoned'
            else 'resolved'
        end as planned_outcome

    from drawn

),

leaving as (

    select
        *,
        case
            when fate in ('spam', 'sample', 'outbound') then 'none'
            when share(no, 'churn') < case
                when canonical_tag = 'cancel_request' then 0.55
                when is_restless and sentiment = 'negative' then 0.12
                when sentiment in ('negative', 'mixed') then 0.03
                else 0.008
            end then 'intent'
            when share(no, 'leaning') < case
                when is_restless then 0.16
                when canonical_tag in (
                    'renewal_question', 'plan_downgrade', 'pricing_question'
                ) then 0.14
                when sentiment in ('negative', 'mixed') then 0.07
                else 0.02
            end then 'mention'
            else 'none'
        end as churn

    from felt

)

select * exclude (drawn_channel)
from leaving
order by no

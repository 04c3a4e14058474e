-- Grain: one row per answer to a survey, and one per survey that was offered before it.
with

surveyed as (

    select
        *,
        score(no, sentiment, planned_outcome) as final_score
    from records
    where
        solved_at <= as_of
        and share(no, 'surveyed') < 0.6
        and fate = 'normal'
        and section <> 3
        and not (section = 1 and is_exported_again)
        and solved_at >= getvariable('ratings_from')::timestamp

),

answered as (

    select
        *,
        unnest(case final_score
            when 'offered' then ['offered'] else ['offered', final_score]
        end) as score
    from surveyed

)

select {
    'id': 366000000000 + no * 5 + case score when 'offered' then 1 else 0 end,
    'ticket_id': ticket_id(no),
    'requester_id': customer_id(customer_no),
    'assignee_id': agent_id(agent_no),
    'group_id': group_id(queue_no),
    'score': score,
    'comment': case when score <> 'offered' and share(no, 'rating comment') < 0.4 then said(
        case score when 'good' then say_rating_good(language_no, no, 'rating')
            else say_rating_bad(language_no, no, 'rating') end,
        no, customer_no, organization_no, [noun_en, noun_de, noun_es][language_no],
        product_kind, language, opened_at, agent_no
    ) end,
    'reason': case when score = 'bad' then 'No reason provided' end,
    'created_at': zulu(solved_at + interval 30 minute),
    'updated_at': zulu(least(
        as_of,
        solved_at + interval 30 minute
        + case score when 'offered' then interval 0 second
            else to_seconds(pick(no, 'rated after', 172800)) end
    ))
} as satisfaction_rating
from answered
order by no, score = 'offered' desc

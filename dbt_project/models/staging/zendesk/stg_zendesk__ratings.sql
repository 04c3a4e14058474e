-- Grain: one row per satisfaction rating version: `offered` is a question that was put, the others are answers.
with

ratings as (

    select * from {{ source('zendesk', 'satisfaction_ratings') }}

)

select
    source,
    ticket_id,
    case
        when score in ('good', 'good_with_comment') then 'good'
        when score in ('bad', 'bad_with_comment') then 'bad'
        else 'offered'
    end as score,
    case when score != 'offered' then updated_at end as answered_at,
    record_hash
from ratings
where score in ('good', 'good_with_comment', 'bad', 'bad_with_comment', 'offered')

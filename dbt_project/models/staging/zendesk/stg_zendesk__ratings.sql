-- Grain: one row per answered satisfaction rating version. `offered` is a question, not an answer.
with

ratings as (

    select * from {{ source('zendesk', 'satisfaction_ratings') }}

)

select
    source,
    ticket_id,
    case when score in ('good', 'good_with_comment') then 'good' else 'bad' end as score,
    updated_at,
    record_hash
from ratings
where score in ('good', 'good_with_comment', 'bad', 'bad_with_comment')

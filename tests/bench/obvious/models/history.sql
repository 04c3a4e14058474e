select
    ticket_id,
    max(changed_at) filter (
        where field = 'status' and value in ('solved', 'closed')
            and coalesce(previous_value, '') not in ('solved', 'closed')
    ) as solved_at,
    count(*) filter (
        where field = 'status' and previous_value = 'solved' and value in ('new', 'open', 'pending', 'hold')
    ) as reopens,
    count(*) filter (
        where field = 'assignee_id' and previous_value is not null and value is not null
    ) as handoffs
from {{ ref('field_changes') }}
group by ticket_id

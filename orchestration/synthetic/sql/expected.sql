-- Grain: one row per day, channel, queue and language that opened conversations, missing ones too.
select
    opened_at::date as day,
    final_queue as queue,
    channel,
    language,
    count(*) as expected
from conversations
where not is_updated
group by all
order by all

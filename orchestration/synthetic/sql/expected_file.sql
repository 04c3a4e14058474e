-- Grain: one row per day and slice; the slice columns are empty for the whole day.
select
    day,
    case
        when grouping(queue) = 0 then 'queue'
        when grouping(channel) = 0 then 'channel'
        when grouping(language) = 0 then 'language'
    end as slice_kind,
    coalesce(queue, channel, language) as slice,
    sum(expected)::bigint as expected
from openings
group by grouping sets ((day), (day, queue), (day, channel), (day, language))
order by day, slice_kind nulls first, slice

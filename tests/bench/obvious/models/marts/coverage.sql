with loaded as (

    select source, opened_on as day, '' as slice_kind, '' as slice, count(*) as loaded
    from {{ ref('conversations') }} group by all
{% for kind in ['queue', 'language', 'channel', 'segment'] %}
    union all
    select source, opened_on, '{{ kind }}', {{ kind }}, count(*)
    from {{ ref('conversations') }} group by all
{% endfor %}
)

select
    source,
    day,
    slice_kind,
    slice,
    expected.expected,
    coalesce(loaded.loaded, 0) as loaded,
    case
        when expected.expected > 0 then coalesce(loaded.loaded, 0) / expected.expected
        when expected.expected = 0 and coalesce(loaded.loaded, 0) = 0 then 1
    end as coverage
from loaded
full outer join {{ ref('expected_conversations') }} as expected
    using (source, day, slice_kind, slice)

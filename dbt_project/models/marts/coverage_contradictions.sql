-- Grain: one row per source, day and slice of which two stated counts cannot both be right: a later file states another
-- count than the one before it, or the parts of a day come to more than all of it. What another file has said too is settled.
with

stated as (

    select
        *,
        count(*) over (partition by source, day, slice_kind, stated_slice, witness, expected) as said_by
    from {{ ref('stated_conversations') }}

),

parts as (

    select
        source,
        day,
        slice_kind,
        sum(expected)::bigint as expected,
        max(expected) as largest,
        arg_max(slice, expected) as largest_slice,
        arg_max(stated_by, expected) as stated_by_largest,
        string_agg(distinct stated_by, ' and ' order by stated_by) as stated_by
    from stated
    where recency = 1 and slice_kind != ''
    group by all

),

two_files as (

    select
        later.source,
        later.day,
        later.slice_kind,
        later.slice,
        later.expected,
        later.stated_by,
        earlier.expected as other_expected,
        earlier.stated_by as other_by
    from stated as later
    inner join stated as earlier
        on later.source = earlier.source
            and later.day = earlier.day
            and later.slice_kind = earlier.slice_kind
            and later.stated_slice = earlier.stated_slice
            and later.witness = earlier.witness
    where later.witness = 'manifest'
        and later.recency_of_witness = 1
        and earlier.recency_of_witness = 2
        and later.said_by = 1

),

-- where two files differ over the total, that its parts are those of one of them says nothing more
parts_above_the_total as (

    select
        parts.source,
        parts.day,
        parts.slice_kind,
        parts.largest > totals.expected as is_one_slice,
        if(is_one_slice, parts.largest_slice, '') as slice,
        if(is_one_slice, parts.largest, parts.expected) as expected,
        if(is_one_slice, parts.stated_by_largest, parts.stated_by) as stated_by,
        totals.expected as other_expected,
        totals.stated_by as other_by
    from parts
    inner join stated as totals
        on parts.source = totals.source
            and parts.day = totals.day
            and totals.slice_kind = ''
            and totals.recency = 1
    anti join two_files
        on parts.source = two_files.source and parts.day = two_files.day and two_files.slice_kind = ''
    where parts.expected > totals.expected

)

select
    source,
    day,
    slice_kind,
    slice,
    'two files' as contradiction,
    expected,
    stated_by,
    other_expected,
    other_by
from two_files
union all
select
    source,
    day,
    slice_kind,
    slice,
    'parts above the total' as contradiction,
    expected,
    stated_by,
    other_expected,
    other_by
from parts_above_the_total

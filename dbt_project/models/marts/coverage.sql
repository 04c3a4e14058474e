-- Grain: one row per source, day opened and slice: how many of the expected conversations were loaded.
-- Excluded conversations count as loaded. Coverage is null where nobody stated an expectation: that is
-- "not measured", never 100 %; where none were expected and some came it is null too, and judged by what came. A slice that was expected and is missing altogether has loaded = 0.
-- Counted before any language is detected: who states how many to expect counts by the language they state.
with

conversations as (

    select * replace ({{ mask_personal_data('segment') }} as segment) from {{ ref('conversations') }}

),

loaded as (

    select
        source,
        opened_on as day,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(language) = 0 then 'language'
            when grouping(channel) = 0 then 'channel'
            when grouping(segment) = 0 then 'segment'
            else ''
        end as slice_kind,
        coalesce(
            case when grouping(queue) = 0 then queue end,
            case when grouping(language) = 0 then language end,
            case when grouping(channel) = 0 then channel end,
            -- of the account; of conversations whose account nobody knows it is 'unknown'
            case when grouping(segment) = 0 then segment end,
            ''
        ) as slice,
        count(*) as loaded
    from conversations
    group by grouping sets (
        (source, opened_on),
        (source, opened_on, queue),
        (source, opened_on, language),
        (source, opened_on, channel),
        (source, opened_on, segment)
    )

),

-- a manifest is written by people too; the queues it names are masked as those of the conversations are
expected as (

    select
        source,
        day,
        slice_kind,
        {{ mask_personal_data('slice') }} as slice,
        sum(expected)::bigint as expected
    from {{ ref('expected_conversations') }}
    group by all

),

-- a refused conversation has no row, but often still a legible day
quarantined as (

    select
        exports.source,
        (quarantine.opened_at at time zone '{{ var("business_time_zone") }}')::date as day,
        '' as slice_kind,
        '' as slice,
        count(*) as quarantined
    from {{ source('loads', 'quarantine') }} as quarantine
    inner join {{ source('loads', 'exports') }} as exports
        on quarantine.export_seq = exports.export_seq
    where quarantine.opened_at is not null
    group by all

),

-- full: a day whose every conversation was refused is a day
received as (

    select
        source,
        day,
        slice_kind,
        slice,
        coalesce(loaded.loaded, 0) as loaded,
        case when slice_kind = '' then coalesce(quarantined.quarantined, 0) end as quarantined
    from loaded
    full outer join quarantined
        using (source, day, slice_kind, slice)

)

select
    source,
    day,
    slice_kind,
    slice,
    expected.expected,
    coalesce(received.loaded, 0) as loaded,
    case when slice_kind = '' then coalesce(received.quarantined, 0) end as quarantined,
    case
        when expected.expected > 0 then coalesce(received.loaded, 0) / expected.expected
        -- of none expected nothing loaded is all; what is loaded where none were expected is no share of anything
        when expected.expected = 0 and coalesce(received.loaded, 0) = 0 then 1
    end::double as coverage
from received
full outer join expected
    using (source, day, slice_kind, slice)

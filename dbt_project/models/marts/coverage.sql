-- Grain: one row per source, day opened and slice: how many of the expected conversations were loaded.
-- Excluded conversations count as loaded. Coverage is null where nobody stated an expectation: that is
-- "not measured", never 100 %. A slice that was expected and is missing altogether has loaded = 0.
with

conversations as (

    select * from {{ ref('fct_conversations') }}

),

loaded as (

    select
        source,
        opened_on as day,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(language) = 0 then 'language'
            when grouping(channel) = 0 then 'channel'
            else ''
        end as slice_kind,
        coalesce(
            case when grouping(queue) = 0 then queue end,
            case when grouping(language) = 0 then language end,
            case when grouping(channel) = 0 then channel end,
            ''
        ) as slice,
        count(*) as loaded
    from conversations
    group by grouping sets (
        (source, opened_on),
        (source, opened_on, queue),
        (source, opened_on, language),
        (source, opened_on, channel)
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

-- a refused record has no row, but often still a legible day
quarantined as (

    select
        exports.source,
        try_cast(regexp_extract(quarantine.text, '"created_at" *: *"(\d{4}-\d\d-\d\d)', 1) as date) as day,
        count(*) as quarantined
    from {{ source('loads', 'quarantine') }} as quarantine
    inner join {{ source('loads', 'exports') }} as exports
        on quarantine.export_seq = exports.export_seq
    group by all

)

select
    coalesce(loaded.source, expected.source) as source,
    coalesce(loaded.day, expected.day) as day,
    coalesce(loaded.slice_kind, expected.slice_kind) as slice_kind,
    coalesce(loaded.slice, expected.slice) as slice,
    expected.expected,
    coalesce(loaded.loaded, 0) as loaded,
    case
        when coalesce(loaded.slice_kind, expected.slice_kind) = '' then coalesce(quarantined.quarantined, 0)
    end as quarantined,
    case
        when expected.expected > 0 then coalesce(loaded.loaded, 0) / expected.expected
        -- none were expected: anything loaded is more than expected, nothing loaded is as expected
        when expected.expected = 0 then 1 + coalesce(loaded.loaded, 0)
    end::double as coverage
from loaded
full outer join expected
    on loaded.source = expected.source
        and loaded.day = expected.day
        and loaded.slice_kind = expected.slice_kind
        and loaded.slice = expected.slice
left join quarantined
    on coalesce(loaded.source, expected.source) = quarantined.source
        and coalesce(loaded.day, expected.day) = quarantined.day

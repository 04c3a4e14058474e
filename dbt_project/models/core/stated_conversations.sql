-- Grain: one row per statement of somebody outside the records about a day and slice: who said it, and how many.
-- All are kept. The last one holds (`recency` 1), a file's before a control total's; slices are in the words of the marts.
with

stated as (

    select
        counts.*,
        exports.file,
        row_number() over (
            partition by counts.source, counts.day, counts.slice_kind, counts.slice
            order by counts.export_seq desc nulls last, counts.expected desc
        ) as recency,
        row_number() over (
            partition by counts.source, counts.day, counts.slice_kind, counts.slice, counts.witness
            order by counts.export_seq desc nulls last, counts.expected desc
        ) as recency_of_witness
    from {{ source('loads', 'expected_counts') }} as counts
    left join {{ source('loads', 'exports') }} as exports
        on counts.export_seq = exports.export_seq

),

channels as (

    select * from {{ ref('channels') }}

),

languages as (

    select * from {{ ref('languages') }}

)

select
    stated.source,
    stated.day,
    coalesce(stated.slice_kind, '') as slice_kind,
    -- masked as queues are in conversations: else one queue would be two, one of them missing
    coalesce(channels.channel, languages.language, {{ mask_personal_data('stated.slice') }}, '') as slice,
    -- two words of a source for one channel are two statements
    coalesce(stated.slice, '') as stated_slice,
    stated.witness,
    coalesce({{ mask_path('stated.file') }}, 'control_totals in YAML') as stated_by,
    stated.recency,
    stated.recency_of_witness,
    stated.expected
from stated
left join channels
    on stated.slice_kind = 'channel' and {{ lookup_key('stated.slice') }} = channels.raw_channel
left join languages
    on stated.slice_kind = 'language' and {{ lookup_key('stated.slice') }} = languages.raw_language

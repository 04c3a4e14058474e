-- Grain: one row per source, day and slice for which somebody outside the records said how many there are.
-- The last statement about a day wins. Slices are put in the words of the marts first.
with

stated as (

    select * from {{ source('loads', 'expected_counts') }}
    qualify row_number() over (
        partition by source, day, slice_kind, slice order by export_seq desc nulls last, expected desc
    ) = 1

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
    sum(stated.expected)::bigint as expected
from stated
left join channels
    on stated.slice_kind = 'channel' and {{ lookup_key('stated.slice') }} = channels.raw_channel
left join languages
    on stated.slice_kind = 'language' and {{ lookup_key('stated.slice') }} = languages.raw_language
group by all

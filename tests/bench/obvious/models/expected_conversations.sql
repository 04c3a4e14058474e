select
    'zendesk' as source,
    expected.day,
    coalesce(expected.slice_kind, '') as slice_kind,
    coalesce(channels.channel, languages.language, expected.slice, '') as slice,
    sum(expected.expected)::bigint as expected
from {{ ref('stg_expected') }} as expected
left join {{ ref('channels') }} as channels
    on expected.slice_kind = 'channel' and {{ lookup_key('expected.slice') }} = channels.raw_channel
left join {{ ref('languages') }} as languages
    on expected.slice_kind = 'language' and {{ lookup_key('expected.slice') }} = languages.raw_language
group by all

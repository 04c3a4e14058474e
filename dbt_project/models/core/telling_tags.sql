-- Grain: one row: the raw tags that say something about a conversation instead of its topic.
with

raw_tags as (

    select * from {{ ref('raw_tags') }}

)

select
    coalesce(list(raw_tag) filter (where exclusion_reason = 'merged'), []) as merged,
    coalesce(list(raw_tag) filter (where exclusion_reason = 'spam'), []) as spam,
    coalesce(list(raw_tag) filter (where exclusion_reason = 'test'), []) as test,
    coalesce(list(raw_tag) filter (where exclusion_reason = 'suspended'), []) as suspended,
    coalesce(list(raw_tag) filter (where exclusion_reason = 'outbound'), []) as outbound,
    coalesce(list(raw_tag) filter (where machine_meaning = 'policy'), []) as policy,
    coalesce(list(raw_tag) filter (where language is not null), []) as languages,
    coalesce(map_from_entries(list((raw_tag, language)) filter (where language is not null)), map {}) as language_of
from raw_tags

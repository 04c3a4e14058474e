-- Grain: source × tag, raw and canonical, with conversations enough in the last complete weeks and before: the word under it
-- that changed most, see macro tag_texts. A name that stays while its text changes moves every metric that counts by it.
with

tagged as (

    select distinct
        conversations.source,
        kinds.slice_kind,
        case kinds.slice_kind when 'raw tag' then tags.raw_tag else tags.canonical_tag end as slice,
        conversations.conversation_id,
        conversations.opened_on
    from {{ ref('fct_conversation_tags') }} as tags
    inner join {{ ref('fct_conversations') }} as conversations
        on tags.conversation_id = conversations.conversation_id
    cross join (values ('raw tag'), ('canonical tag')) as kinds (slice_kind)
    -- what software sets by itself means nothing of the matter, and what keywords find is found by its words
    where conversations.is_in_scope and tags.method != 'keyword' and tags.driver not in ('system', 'unmapped')

),

texts as (

    select conversation_id, body
    from {{ ref('fct_messages') }}
    where author_role = 'customer' and message_no = 1

),

ends as (

    select
        sources.source,
        max(periods.period_end) as until
    from {{ ref('loaded_sources') }} as sources
    inner join {{ ref('periods') }} as periods
        on periods.cadence = 'week'
            and periods.is_complete
            and periods.period_end
            <= (sources.loaded_until at time zone '{{ var("business_time_zone") }}')::date
    group by all

),

leads as (

    select
        raw_tag,
        mode(canonical_tag) as canonical_tag
    from {{ ref('fct_conversation_tags') }}
    group by all

),

changed as (

    {{ tag_texts(
        'tagged', 'texts', 'ends', var('tag_text_weeks'), var('tag_text_baseline_weeks'), var('tag_text_least'),
        var('tag_text_most'), var('tag_text_standard_errors')
    ) | indent(4) }}

)

select
    changed.*,
    coalesce(leads.canonical_tag, changed.slice) as canonical_tag
from changed
left join leads
    on changed.slice_kind = 'raw tag' and changed.slice = leads.raw_tag

-- Grain: one row per conversation and raw tag. The agents' own tags keep their spelling; a tag inferred by
-- a keyword rule is written `inferred:<canonical tag>` and says so in `method`.
{{ config(materialized='incremental', incremental_strategy='by_conversation') }}

with

touched as (

    select * from {{ ref('touched_conversations') }}

),

conversations as (

    select
        conversations.conversation_id,
        conversations.opened_on,
        conversations.tags
    from {{ ref('conversations') }} as conversations
    inner join touched
        on conversations.conversation_id = touched.conversation_id and {{ touched_only() }}

),

raw_tags as (

    select * from {{ ref('raw_tags') }}

),

raw_tag_map as (

    select * from {{ ref('raw_tag_map') }}

),

canonical_tags as (

    select * from {{ ref('canonical_tags') }}

),

drivers as (

    select * from {{ ref('drivers') }}

),

given as (

    select distinct
        conversation_id,
        opened_on,
        unnest(tags) as raw_tag
    from conversations

),

tagged as (

    select
        given.conversation_id,
        given.opened_on,
        raw_tags.masked_tag as raw_tag,
        case
            when raw_tag_map.canonical_tag is not null then raw_tag_map.canonical_tag
            when raw_tags.machine_meaning is not null then 'system'
            else 'unmapped'
        end as canonical_tag,
        coalesce(raw_tag_map.method, case when raw_tags.machine_meaning is not null then 'machine' end, 'unmapped')
            as method
    from given
    inner join raw_tags
        on given.raw_tag = raw_tags.raw_tag
    left join raw_tag_map
        on raw_tags.normalised_tag = raw_tag_map.raw_tag
            and {{ is_valid_on('given.opened_on', 'raw_tag_map') }}

),

inferred as (

    select
        inferred_tags.conversation_id,
        inferred_tags.opened_on,
        'inferred:' || inferred_tags.canonical_tag as raw_tag,
        inferred_tags.canonical_tag,
        'keyword' as method
    from {{ ref('inferred_tags') }} as inferred_tags
    inner join touched
        on inferred_tags.conversation_id = touched.conversation_id and {{ touched_only() }}

),

all_tags as (

    -- distinct: two tags may be one once they are masked
    select distinct * from tagged
    union all
    select * from inferred

)

select
    all_tags.conversation_id,
    all_tags.raw_tag,
    all_tags.canonical_tag,
    -- a canonical tag that has no driver on that day counts as unmapped, so that its conversations are still seen
    case
        when all_tags.canonical_tag in ('system', 'unmapped') then all_tags.canonical_tag
        else coalesce(drivers.driver, 'unmapped')
    end as driver,
    all_tags.method
from all_tags
left join canonical_tags
    on all_tags.canonical_tag = canonical_tags.canonical_tag
        and {{ is_valid_on('all_tags.opened_on', 'canonical_tags') }}
left join drivers
    on canonical_tags.driver = drivers.driver
        and {{ is_valid_on('all_tags.opened_on', 'drivers') }}

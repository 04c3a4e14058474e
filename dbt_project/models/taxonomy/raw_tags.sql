-- Grain: one row per raw tag ever received, as written, with what it is once normalised.
-- A tag that a machine sets speaks of the process, not of the customer: it gets a meaning here.
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='raw_tag') }}

with

received as (

    select distinct unnest(tags) as raw_tag from {{ source('zendesk', 'tickets') }} where {{ new_exports() }}
    union
    select distinct unnest(tags) as raw_tag from {{ source('csv', 'conversations') }} where {{ new_exports() }}
    union
    select distinct tag.name as raw_tag
    from (
        select unnest(tags.tags) as tag from {{ source('intercom', 'conversations') }} where {{ new_exports() }}
    )

),

normalised as (

    select
        raw_tag,
        {{ normalise_raw_tag('raw_tag') }} as normalised_tag
    from received
    where trim(raw_tag) != ''

),

machine_tags as (

    select * from {{ ref('machine_tags') }}

),

languages as (

    select * from {{ ref('languages') }}

)

select
    normalised.raw_tag,
    normalised.normalised_tag,
    -- what readers see: people write addresses and numbers into tags too
    {{ mask_personal_data('normalised.raw_tag') }} as masked_tag,
    min(machine_tags.meaning) as machine_meaning,
    min(machine_tags.exclusion_reason) as exclusion_reason,
    min(languages.language) as language
from normalised
left join machine_tags
    on regexp_matches(normalised.normalised_tag, machine_tags.pattern)
left join languages
    on machine_tags.meaning = 'language'
        and languages.raw_language
            = replace(regexp_replace(normalised.normalised_tag, '^lang(uage)?_', ''), '_', '-')
group by all

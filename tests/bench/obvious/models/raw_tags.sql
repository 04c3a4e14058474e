with normalised as (

    select raw_tag, {{ normalise_raw_tag('raw_tag') }} as normalised_tag
    from (select distinct unnest(tags) as raw_tag from {{ ref('stg_tickets') }})

)

select
    raw_tag,
    {{ mask_personal_data('raw_tag') }} as masked_tag,
    normalised_tag,
    min(machine_tags.meaning) as machine_meaning,
    min(machine_tags.exclusion_reason) as exclusion_reason,
    min(languages.language) as language
from normalised
left join {{ ref('machine_tags') }} as machine_tags
    on regexp_matches(normalised_tag, machine_tags.pattern)
left join {{ ref('languages') }} as languages
    on machine_tags.meaning = 'language'
        and languages.raw_language = replace(regexp_replace(normalised_tag, '^lang(uage)?_', ''), '_', '-')
group by all

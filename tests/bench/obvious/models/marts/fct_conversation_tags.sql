with all_tags as (

    select
        'zendesk:' || ticket_tags.ticket_id as conversation_id,
        ticket_tags.opened_on,
        ticket_tags.raw_tag,
        case
            when raw_tag_map.canonical_tag is not null then raw_tag_map.canonical_tag
            when raw_tags.machine_meaning is not null then 'system'
            else 'unmapped'
        end as canonical_tag,
        coalesce(raw_tag_map.method, case when raw_tags.machine_meaning is not null then 'machine' end, 'unmapped') as method
    from {{ ref('ticket_tags') }} as ticket_tags
    left join {{ ref('raw_tags') }} as raw_tags
        on ticket_tags.raw_tag = raw_tags.raw_tag
    left join {{ ref('raw_tag_map') }} as raw_tag_map
        on raw_tags.normalised_tag = raw_tag_map.raw_tag
            and ticket_tags.opened_on >= raw_tag_map.valid_from
            and ticket_tags.opened_on < coalesce(raw_tag_map.valid_to, date '9999-12-31')
    union all
    select conversation_id, opened_on, 'inferred:' || canonical_tag, canonical_tag, 'keyword'
    from {{ ref('inferred_tags') }}

)

select
    all_tags.conversation_id,
    all_tags.raw_tag,
    all_tags.canonical_tag,
    case
        when all_tags.canonical_tag in ('system', 'unmapped') then all_tags.canonical_tag
        else coalesce(drivers.driver, 'unmapped')
    end as driver,
    all_tags.method
from all_tags
left join {{ ref('canonical_tags') }} as canonical_tags
    on all_tags.canonical_tag = canonical_tags.canonical_tag
        and all_tags.opened_on >= canonical_tags.valid_from
        and all_tags.opened_on < coalesce(canonical_tags.valid_to, date '9999-12-31')
left join {{ ref('drivers') }} as drivers
    on canonical_tags.driver = drivers.driver
        and all_tags.opened_on >= drivers.valid_from
        and all_tags.opened_on < coalesce(drivers.valid_to, date '9999-12-31')

-- Raw tags to canonical tags to drivers, and what a keyword says where nobody tagged.
create temp table inferred_tags as
with

machine_tags as (

    select coalesce(list(raw_tag), []) as raw_tags from raw_tags where machine_meaning is not null

),

untagged as (

    select conversation_id, opened_on, language, first_customer_message_no as message_no
    from conversations
    cross join machine_tags
    where len(tags) = 0 or len(list_filter(tags, lambda tag: not list_contains(machine_tags.raw_tags, tag))) = 0

),

-- materialized: put into lower case once, not once for each pattern
first_messages as materialized (

    select conversation_id, untagged.opened_on, untagged.language, {{ keyword_text('messages.body') }} as body
    from candidate.marts.fct_messages as messages
    inner join untagged
        using (conversation_id, message_no)

),

matched as (

    select
        conversation_id,
        opened_on,
        unnest(
            case language
            {%- for language in ['en', 'de', 'es'] %}
                when '{{ language }}' then {{ match_keyword_rules('body', keyword_rules(language)) }}
            {%- endfor %}
                when 'unknown' then {{ match_keyword_rules('body', keyword_rules()) }}
            end
        ) as hit
    from first_messages

)

select conversation_id, opened_on, hit.canonical_tag as canonical_tag
from matched
where opened_on >= hit.valid_from and opened_on < coalesce(hit.valid_to, date '9999-12-31')
group by conversation_id, opened_on, hit.canonical_tag
having sum(hit.weight) >= 2
qualify row_number() over (partition by conversation_id order by sum(hit.weight) desc, hit.canonical_tag) = 1;

create temp table tags as
with

given as (

    select conversation_id, opened_on, unnest(list_distinct(tags)) as raw_tag from conversations

),

tagged as (

    select
        given.conversation_id,
        given.opened_on,
        given.raw_tag,
        case
            when raw_tag_map.canonical_tag is not null then raw_tag_map.canonical_tag
            when raw_tags.machine_meaning is not null then 'system'
            else 'unmapped'
        end as canonical_tag,
        coalesce(raw_tag_map.method, case when raw_tags.machine_meaning is not null then 'machine' end, 'unmapped') as method
    from given
    left join raw_tags
        on given.raw_tag = raw_tags.raw_tag
    left join raw_tag_map
        on raw_tags.normalised_tag = raw_tag_map.raw_tag
            and given.opened_on >= raw_tag_map.valid_from
            and given.opened_on < coalesce(raw_tag_map.valid_to, date '9999-12-31')
    union all
    select conversation_id, opened_on, 'inferred:' || canonical_tag, canonical_tag, 'keyword'
    from inferred_tags

)

select
    tagged.conversation_id,
    tagged.opened_on,
    tagged.raw_tag,
    tagged.canonical_tag,
    case
        when tagged.canonical_tag in ('system', 'unmapped') then tagged.canonical_tag
        else coalesce(drivers.driver, 'unmapped')
    end as driver,
    tagged.method,
    drivers.rank * 1000 + canonical_tags.priority as rank
from tagged
left join canonical_tags
    on tagged.canonical_tag = canonical_tags.canonical_tag
        and tagged.opened_on >= canonical_tags.valid_from
        and tagged.opened_on < coalesce(canonical_tags.valid_to, date '9999-12-31')
left join drivers
    on canonical_tags.driver = drivers.driver
        and tagged.opened_on >= drivers.valid_from
        and tagged.opened_on < coalesce(drivers.valid_to, date '9999-12-31');

create table candidate.marts.fct_conversation_tags as
select conversation_id, raw_tag, canonical_tag, driver, method from tags;

-- Grain: one row per record: the raw tags agents and machines gave the ticket, each once.
create or replace temp view tagged as
with

given as (

    select
        *,
        case when share(no, 'untagged') < 0.12 then []::varchar[]
        else list_filter([
            case
                when share(no, 'unknown tag') < 0.05
                    then one_of(getvariable('unknown_tags'), no, 'unknown tag of')
                when share(no, 'wrong tag') < 0.04
                    then raw_tag(pick(no, 'wrong topic', 58) + 1, no, 'wrong tag of')
                else raw_tag(topic_no, no, 'tag')
            end,
            case when share(no, 'tags twice') < 0.25 then raw_tag(topic_no, no, 'second tag') end,
            case when has_second_topic then raw_tag(other_topic_no, no, 'other tag') end,
            case when share(no, 'machine') < 0.5
                then one_of(getvariable('machine_tags'), no, 'machine tag') end,
            case when language = 'de' and share(no, 'language tag') < 0.7 then 'language_de'
                when language = 'es' and share(no, 'language tag') < 0.7 then 'language_es' end,
            case when segment(organization_no) = 'enterprise' and share(no, 'vip') < 0.4
                then 'vip' end,
            case when is_excepted(canonical_tag, no)
                then one_of(['policy_exception', 'goodwill_refund'], no, 'exception') end,
            case when is_updated then raw_tag(topic_no, no, 'late tag') end,
            case when solved_at <= as_of and share(no, 'surveyed') < 0.6 then 'csat_sent' end
        ], lambda tag: tag is not null)
        end || list_filter([
            case fate
                when 'merged'
                    then one_of(['closed_by_merge', 'closed_by_merge', 'merge'], no, 'merge tag')
                when 'spam' then 'spam'
                when 'sample' then 'sample'
            end
        ], lambda tag: tag is not null) as tags

    from told

),

single as (

    select
        * replace (
            list_filter(tags, lambda tag, place: list_position(tags, tag) = place) as tags
        )
    from given

)

select
    * replace (
        case
            when opened_at >= getvariable('renamed_from')::timestamp then list_transform(
                tags,
                lambda tag: case tag
                    when getvariable('renamed_tag') then getvariable('renamed_to') else tag
                end
            )
            else tags
        end as tags
    )
from single

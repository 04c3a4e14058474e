-- Grain: one row per conversation truly opened, whether the export holds it or not.
select
    concat('zendesk:', ticket_id(no)) as conversation_id,
    driver as true_driver,
    list_filter([
        canonical_tag,
        case when share(no, 'has second topic') < 0.16 and other_topic <> canonical_tag
            then other_topic end
    ], lambda tag: tag is not null) as true_canonical_tags,
    case when is_flipped then flip(sentiment) else sentiment end as sentiment,
    case when is_flipped then flip(churn) else churn end as churn,
    case when is_flipped then flip(effort) else effort end as effort,
    case when is_flipped then flip(outcome) else outcome end as outcome,
    language,
    final_queue as queue,
    list_filter([
        case when is_missing then 'missing_queue_day' end,
        case when opened_at >= getvariable('renamed_from')::timestamp then 'renamed_tag' end,
        case when opened_at >= getvariable('changed_from')::timestamp then 'changed_field' end,
        case when driver = getvariable('spike_driver')
            and day >= getvariable('spike_from')::date
            and day < getvariable('spike_from')::date + 7 then 'driver_spike' end,
        case when is_flipped then 'label_flips' end
    ], lambda plant: plant is not null) as planted
from (
    select
        *,
        getvariable('topic_names')[pick(no, 'second topic', 58) + 1] as other_topic,
        coalesce(share(no, 'flip') < getvariable('flip_share'), false) as is_flipped,
        case
            when solved_at <= getvariable('record_at')::timestamp then planned_outcome
            when planned_outcome = 'resolved' then 'unresolved'
            else planned_outcome
        end as outcome
    from conversations
    where not is_updated
) as labelled
order by no

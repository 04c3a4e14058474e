-- Grain: metric × period × dimension × member × side × rank: the units whose conversations are quoted behind a number.
-- Filled one metric after the other: all of them in one statement do not fit into the memory of a million conversations.
{{ config(materialized='table', tags=['governed'], post_hook="{{ pick_of_every_metric(this) }}") }}
{{- depends_on_metrics() }}
{%- do ref('metric_counts') %}
select
    null::varchar as metric,
    null::varchar as version,
    null::varchar as signal,
    null::timestamp as period_start,
    null::boolean as is_for,
    null::varchar as driver,
    null::varchar as dimension,
    null::varchar as member,
    null::bigint as rank,
    null::varchar as conversation_id,
    null::varchar as state,
    null::varchar as canonical_tag
where false

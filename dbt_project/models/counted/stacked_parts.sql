-- Grain: metric × version × rank: the largest parts of its reported movement, each with the four layers of the Driver
-- Stack: the signal, the driver, the canonical tag that moved most within it, and a quote. A layer that is null is missing,
-- which the audit tells of; `none` is a tag: conversations whose tags lead nowhere.
{{ config(tags=['governed']) }}
{{- depends_on_metrics() }}
with

reported as (

    {{ reported_movements(ref('metric_counts')) }}

),

contracts as (

    select * from {{ source('loads', 'contracts') }}

),

parts as (

    select
        *,
        row_number() over (partition by metric order by abs(part) desc, driver, segment) as rank
    from {{ ref('movement_parts') }}
    where kind = 'cell' and part != 0
    qualify rank <= {{ var('driver_stack_parts') }}

),

tag_parts as (

    select null::varchar as metric, null::varchar as driver, null::varchar as canonical_tag, null::double as part
    where false
    {% for metric in metrics_in_use() %}
    union all
    select '{{ metric.name }}', driver, canonical_tag, part
    from ({{ metric_movement(moved_units(metric), metric.value, ['driver', 'canonical_tag']) }})
    where kind = 'cell'
    {% endfor %}
),

tagged as (

    select
        parts.*,
        tag_parts.canonical_tag
    from parts
    left join tag_parts
        on parts.metric = tag_parts.metric and parts.driver = tag_parts.driver
    qualify row_number() over (
        partition by parts.metric, parts.rank
        -- a tag that pulled the other way does not explain the part
        order by sign(tag_parts.part) = sign(parts.part) desc, abs(tag_parts.part) desc, tag_parts.canonical_tag
    ) = 1

),

-- a tag that is gone is quoted from the period before; else the later period and the cell's segment go first
quoted as (

    select
        tagged.*,
        evidence.state,
        evidence.conversation_id,
        evidence.message_no,
        evidence.url,
        nullif(trim(evidence.quote), '') as quote,
        case when quote is not null then evidence.canonical_tag = tagged.canonical_tag end as quote_is_of_tag
    from tagged
    left join {{ ref('metric_evidence') }} as evidence
        on tagged.metric = evidence.metric
            and tagged.driver = evidence.driver
            and evidence.period_start in (tagged.previous_start, tagged.period_start)
    qualify row_number() over (
        partition by tagged.metric, tagged.rank
        order by
            nullif(trim(evidence.quote), '') is null,
            evidence.side = 'for' desc,
            evidence.canonical_tag = tagged.canonical_tag desc,
            evidence.period_start desc,
            coalesce(evidence.dimension = 'segment' and evidence.member = tagged.segment, false) desc,
            evidence.rank,
            evidence.conversation_id
    ) = 1

)

select
    quoted.metric,
    quoted.version,
    quoted.previous_start,
    quoted.period_start,
    quoted.rank,
    quoted.segment,
    quoted.part,
    quoted.share_of_change,
    case
        when contracts.signal is not null then contracts.signal
        when quoted.state is not null then 'state'
        else 'counted'
    end as signal,
    coalesce(contracts.signal_value, quoted.state, contracts.unit) as signal_value,
    quoted.driver,
    quoted.canonical_tag,
    quoted.quote,
    quoted.quote_is_of_tag,
    quoted.conversation_id,
    quoted.message_no,
    quoted.url
from quoted
inner join contracts
    on quoted.metric = contracts.metric

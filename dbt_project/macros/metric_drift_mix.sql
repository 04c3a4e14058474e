{#
    Part of metric_drift: what the change of mix did to the value, which member moved most, and how far the whole mix did.
    Reads shared; leaves effects, named and mixes.
#}
{% macro default__metric_drift_mix() -%}
-- with w a member's share of the denominator, r its value and R the total, the rate is (w0 + w1) / 2 × (r1 - r0), as in
-- metric_movement; what of R1 - R0 is no rate is mix. Of a count, w are the units of a period
weighed as (

    select
        *,
        case when value_kind = 'count' then width else nullif(sum(denominator_now) over whole, 0) end as weight_now,
        case when value_kind = 'count' then baseline_periods else nullif(sum(denominator_before) over whole, 0) end
            as weight_before
    from shared
    where value_kind in ('share', 'mean', 'count')
    window whole as (partition by metric, season, place, dimension, width)

),

effects as (

    select
        metric,
        season,
        place,
        dimension,
        width,
        sum(numerator_now) / any_value(weight_now) - sum(numerator_before) / any_value(weight_before) as moved,
        sum(coalesce(
            (denominator_now / weight_now + denominator_before / weight_before) / 2
            * (numerator_now / nullif(denominator_now, 0) - numerator_before / nullif(denominator_before, 0)),
            0
        )) as rate
    from weighed
    group by all

),

candidates as (

    select *, 'mix' as kind, false as is_sure
    from shared
    where width = 1 and a_period >= min_conversations / 10
    union all
    -- two periods are surer than one; where the last alone differs more, it is the first to differ
    select
        *,
        'shift' as kind,
        bool_or(width = 2 and abs(change) > chance) over (partition by metric, season, place, dimension, member) as is_sure
    from shared
    where is_enough and comparable > 1
    qualify a_period >= min_conversations

),

-- the member that moved most, and which moved most the other way
named as (

    select
        *,
        -- two members that trade places move by the same, but for rounding: the one that grew is named
        row_number() over (
            partition by metric, season, place, dimension, kind
            order by is_sure desc, round(abs(change), 12) desc, change desc, member
        ) as rank,
        case
            when change > 0 and min(change) over whole < 0 then arg_min(member, change) over whole
            when change < 0 and max(change) over whole > 0 then arg_max(member, change) over whole
        end as counterpart
    from candidates
    window whole as (partition by metric, season, place, dimension, kind, width)
    qualify rank = 1

),

folded as (

    select
        metric,
        season,
        place,
        dimension,
        case when a_period >= min_conversations / 10 then member end as kept,
        any_value(is_enough) as is_enough,
        any_value(all_now) as all_now,
        any_value(all_before) as all_before,
        sum(conversations_now) / nullif(any_value(all_now), 0) as share_now,
        sum(conversations_before) / nullif(any_value(all_before), 0) as share_before,
        -- a logarithm of nothing has no value
        greatest(sum(conversations_now), 0.5) / nullif(any_value(all_now), 0) as later,
        greatest(sum(conversations_before), 0.5) / nullif(any_value(all_before), 0) as earlier
    from shared
    where width = 1
    group by all

),

mixes as (

    select
        metric,
        season,
        place,
        dimension,
        1 as width,
        any_value(all_now)::bigint as conversations,
        any_value(all_before)::bigint as baseline_conversations,
        case
            when any_value(all_now) = 0 then 'nothing was counted in the period'
            when not any_value(is_enough) then 'too few were counted in the period or its baseline'
            when count(*) = 1 and any_value(kept) in ('unknown', 'none') then 'no ' || dimension || ' is known'
        end as not_measured,
        sum((later - earlier) * ln(later / earlier)) as measured,
        sqrt(greatest(0, sum(
            case when share_now > 0 then share_now * log2(2 * share_now / (share_now + share_before)) else 0 end
            + case when share_before > 0 then share_before * log2(2 * share_before / (share_now + share_before)) else 0 end
        ) / 2)) as js
    from folded
    group by metric, season, place, dimension

),
{%- endmacro %}

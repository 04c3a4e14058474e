{#
    What its own past expects of a slice on a day, and in a week. `volumes`: a relation or query of source, period_kind,
    period_start, slice_kind, slice, loaded and is_usual (false for a holiday), one row for every period of a slice, those
    without a conversation too.

    Expected is the median of the same weekday of the 8 weeks before, carried on by its trend: the median of the later
    4 of them against that of the earlier. Counts are compared by their square roots, which scatter alike whatever their
    size, by as much at least as chance alone does in a count and in the median of eight that it is compared with (whose
    variance is pi / 2 times a mean's). What they scatter beyond is the median deviation over 8 weeks, of weeks over 26: of
    eight values it would often be half of what it is, by chance. The interval holds both level and trend, and never begins
    above `floor` of either: a holiday nobody listed empties a day to a third, and only what chance and holidays together
    do not explain is missing.
#}
{% macro history_witness(volumes, deviations, floor) -%}
{{ return(adapter.dispatch('history_witness')(volumes, deviations, floor)) }}
{%- endmacro %}

{% macro default__history_witness(volumes, deviations, floor) -%}
select
    source,
    period_kind,
    period_start,
    slice_kind,
    slice,
    trended as expected,
    least(
        greatest((root - {{ deviations }} * scatter) / 2, 0) ^ 2 - 0.375,
        {{ floor }} * level,
        {{ floor }} * trended
    ) as expected_low,
    greatest(
        ((root + {{ deviations }} * scatter) / 2) ^ 2 - 0.375,
        level / {{ floor }},
        trended / {{ floor }}
    ) as expected_high,
    loaded
from (
    select
        *,
        -- from the middle of the earlier four weeks to that of the later are four, from that of all eight to now four and a half
        level * least(greatest(coalesce(later / nullif(earlier, 0), 1), 0.5), 2) ^ 1.125 as trended,
        greatest(sqrt(1 + pi() / 16), 1.4826 * mad(deviation) over before) as scatter
    from (
        select
            *,
            2 * sqrt(loaded + 0.375) - root as deviation
        from (
            select
                *,
                median(2 * sqrt(loaded + 0.375)) filter (is_usual) over eight as root,
                median(loaded) filter (is_usual) over eight as level,
                median(loaded) filter (is_usual) over (
                    partition by source, period_kind, slice_kind, slice, weekday
                    order by period_start rows between 4 preceding and 1 preceding
                ) as later,
                median(loaded) filter (is_usual) over (
                    partition by source, period_kind, slice_kind, slice, weekday
                    order by period_start rows between 8 preceding and 5 preceding
                ) as earlier,
                count(*) filter (is_usual) over eight as periods_before
            from (select *, case when period_kind = 'day' then isodow(period_start) else 0 end as weekday from {{ volumes }})
            window eight as (
                partition by source, period_kind, slice_kind, slice, weekday
                order by period_start rows between 8 preceding and 1 preceding
            )
        )
    )
    window before as (
        partition by source, period_kind, slice_kind, slice
        order by period_start
        range between
            (case period_kind when 'day' then interval 56 days else interval 182 days end) preceding
            and interval 1 days preceding
    )
)
-- so few may all stay away by chance
where is_usual and periods_before >= 4 and least(level, trended) >= {{ deviations }} ^ 2 / 2 and expected_low > 0
{%- endmacro %}

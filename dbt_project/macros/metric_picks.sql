{#
    The units whose quotes stand behind a metric's values: per period, member and side as many as its contract says.
    Grain: period_start × dimension × member × is_for × rank. Deterministic: the units with the smallest digests, dealt
    out driver by driver, so that no driver speaks for all. A unit is for a value where it is counted in it: its
    numerator is above 0, or its measure is the period's value or above.
#}
{% macro metric_picks(membership, counts, metric) -%}
{%- set by_measure = metric.value in ('median', 'p90') %}
select
    '{{ metric.name }}' as metric,
    '{{ metric.version }}' as version,
    '{{ metric.signal or '' }}' as signal,
    period_start,
    is_for,
    dimension,
    member,
    unnest(smallest).driver as driver,
    unnest(smallest).place as place,
    generate_subscripts(smallest, 1) as rank
from (
    select
        period_start,
        is_for,
        dimension,
        member,
        -- structs are ordered by their fields: every driver's first comes before any driver's second
        min({'nth_of_driver': nth_of_driver, 'place': place, 'driver': driver}, {{ metric.quotes }}) as smallest
    from (
        select
            * exclude (places),
            unnest(places) as place,
            generate_subscripts(places, 1) as nth_of_driver
        from (
            select
                period_start,
                is_for,
                driver,
                unnest(case
                    {%- for dimension in metric_dimensions() if dimension != 'driver' %}
                    when grouping({{ dimension }}) = 0 then [{'dimension': '{{ dimension }}', 'member': {{ dimension }}}]
                    {%- endfor %}
                    else [{'dimension': 'driver', 'member': driver}, {'dimension': 'all', 'member': 'all'}]
                end, recursive := true),
                min(place, {{ metric.quotes }}) as places
            from (
                select
                    units.*,
                    {{ metric_period(metric, 'units.occurred_at') }} as period_start,
                    hash(units.unit_id) as place,
                    {{ 'units.measure >= counts.value' if by_measure else 'units.numerator > 0' }} as is_for
                from {{ membership }} as units
                {%- if by_measure %}
                inner join {{ counts }} as counts
                    on counts.metric = '{{ metric.name }}' and counts.dimension = 'all'
                        and counts.period_start = {{ metric_period(metric, 'units.occurred_at') }}
                {%- endif %}
            )
            group by grouping sets (
                {%- for dimension in metric_dimensions() if dimension != 'driver' %}
                (period_start, is_for, driver, {{ dimension }}),
                {%- endfor %}
                (period_start, is_for, driver)
            )
        )
    )
    group by all
)
{%- endmacro %}

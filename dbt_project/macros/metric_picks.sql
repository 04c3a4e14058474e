{#
    The units whose quotes stand behind a metric's values: per period, member and side as many as its contract says.
    Grain: period_start × dimension × member × is_for × rank. Deterministic: the units with the smallest digests, dealt
    out driver by driver, so that no driver speaks for all. A unit is for a value where it is counted in it: its
    numerator is above 0, or its measure is the period's value or above.
#}
{% macro metric_picks(membership, counts, metric) -%}
{%- set by_measure = metric.value in ('median', 'p90') %}
with

units as (

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

),

by_driver as (

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
    from units
    group by grouping sets (
        {%- for dimension in metric_dimensions() if dimension != 'driver' %}
        (period_start, is_for, driver, {{ dimension }}),
        {%- endfor %}
        (period_start, is_for, driver)
    )

),

dealt_out as (

    select * exclude (places), unnest(places) as place, generate_subscripts(places, 1) as nth_of_driver
    from by_driver

),

smallest as (

    select
        period_start,
        is_for,
        dimension,
        member,
        -- structs are ordered by their fields: every driver's first comes before any driver's second
        min({'nth': nth_of_driver, 'place': place}, {{ metric.quotes }}) as smallest
    from dealt_out
    group by all

),

picks as (

    select * exclude (smallest), unnest(smallest).place as place, generate_subscripts(smallest, 1) as rank
    from smallest

)

select
    '{{ metric.name }}' as metric,
    '{{ metric.version }}' as version,
    '{{ metric.signal or '' }}' as signal,
    picks.* exclude (place),
    units.conversation_id,
    units.driver,
    units.state,
    units.canonical_tag
from picks
inner join {{ membership }} as units
    on picks.place = hash(units.unit_id)
{%- endmacro %}

{# Post-hook: one metric after the other into the relation. #}
{% macro pick_of_every_metric(relation) %}
    {% if execute %}
        {% for metric in metrics_in_use() %}
            {% do run_query(
                "insert into " ~ relation ~ " by name " ~ metric_picks(ref(metric.name), ref('metric_counts'), metric)
            ) %}
        {% endfor %}
    {% endif %}
{% endmacro %}

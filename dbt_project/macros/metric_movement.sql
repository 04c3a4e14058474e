{#
    Why a metric moved between two periods: its parts by two dimensions, which sum to the change.
    `units`: a relation or query of the units of both periods with is_later, the columns `by`, numerator, denominator and
    measure. `value`: share, mean, count, median or p90. Grain: a cell of `by`; of a median or percentile one row more.
    Columns: kind (cell, interaction), `by`, mix, rate, part, value_before, value_after (the cell's),
    conversations_before, conversations_after, total_before, total_after, simpson_by. No rows where a period has no value.

    share, mean   Kitagawa's decomposition (JASA 50, 1955), symmetric in time, so that nothing is left over and no period
                  is the base. With w a cell's share of the denominator, r its value and R the total:
                      rate = (w0 + w1) / 2 × (r1 - r0)
                      mix  = (w1 - w0) × ((r0 + r1) / 2 - (R0 + R1) / 2)
                  The middle of the totals takes nothing from the sum, for shares sum to one, and makes a cell's mix tell
                  whether what grew lies above the rest. A cell of one period has no rate: all of it is mix.
    count         The same with units for w, which do not sum to one, and so without the middle: mix is more or fewer
                  units, rate is more or less of them counted.
    median, p90   One cell after the other takes its later units among all earlier ones; how far that alone moves the value
                  is its part. What these parts do not add up to is the interaction, a row of its own.

    simpson_by: the dimensions (or `cell` for both together) by which the reversal shows: the total moved one way and members
    with at least `reversed_from` of the weight, mean of both periods, the other. Empty where nothing is reversed.
#}
{% macro metric_movement(units, value, by=['driver', 'segment']) -%}
{{ return(adapter.dispatch('metric_movement')(units, value, by)) }}
{%- endmacro %}

{% macro default__metric_movement(units, value, by=['driver', 'segment'], reversed_from=0.9) -%}
{%- set quantile = {'median': 0.5, 'p90': 0.9}.get(value) -%}
with

-- what has no measure has no place in an order
units as materialized (

    select
        is_later,
        {{ by[0] }},
        {{ by[1] }},
        {{ 'null' if quantile else 'numerator' }}::double as numerator,
        {{ 'denominator' if value in ('share', 'mean') else '1' }}::double as denominator,
        {{ 'measure' if quantile else 'null' }}::double as measure
    from {{ units }}
    {{ 'where measure is not null' if quantile }}

),

counted as (

    select
        case when grouping({{ by[0] }}) + grouping({{ by[1] }}) = 0 then 'cell'
            when grouping({{ by[0] }}) = 0 then '{{ by[0] }}' else '{{ by[1] }}' end as level,
        {{ by[0] }},
        {{ by[1] }},
        {%- for period, of in [('before', 'not is_later'), ('after', 'is_later')] %}
        count(*) filter ({{ of }}) as conversations_{{ period }},
        coalesce(sum(numerator) filter ({{ of }}), 0) as numerator_{{ period }},
        coalesce(sum(denominator) filter ({{ of }}), 0) as denominator_{{ period }},
        {{ 'quantile_cont(measure, ' ~ quantile ~ ') filter (' ~ of ~ ')' if quantile else 'null::double' }} as quantile_{{ period }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from units
    group by grouping sets (({{ by[0] }}, {{ by[1] }}), ({{ by[0] }}), ({{ by[1] }}))

),

totals as (

    select
        {%- for period in ['before', 'after'] %}
        sum(denominator_{{ period }}) as all_{{ period }},
        {% if quantile -%}
        (select quantile_cont(measure, {{ quantile }}) from units where is_later = {{ period == 'after' }})
        {%- elif value == 'count' -%} coalesce(sum(numerator_{{ period }}), 0)
        {%- else -%} sum(numerator_{{ period }}) / nullif(sum(denominator_{{ period }}), 0)
        {%- endif %} as total_{{ period }}{{ "," if not loop.last }}
        {%- endfor %}
    from counted
    where level = 'cell'

),

weighed as (

    select
        counted.*,
        total_before,
        total_after,
        {%- for period in ['before', 'after'] %}
        denominator_{{ period }} / {{ '1' if value == 'count' else 'all_' ~ period }} as weight_{{ period }},
        numerator_{{ period }} / {{ '1' if value == 'count' else 'all_' ~ period }} as summand_{{ period }},
        {{ 'quantile_' ~ period if quantile else 'numerator_' ~ period ~ ' / nullif(denominator_' ~ period ~ ', 0)' }}
            as rate_{{ period }},
        {%- endfor %}
    from counted
    cross join totals
    where total_before is not null and total_after is not null

),

reversals as (

    select coalesce(list(level order by level), []) as simpson_by
    from (
        select level
        from weighed
        group by level
        having {{ 'false' if value == 'count' else 'true' }}
            -- a change within the rounding of doubles is none
            and abs(any_value(total_after) - any_value(total_before)) > 1e-12 * abs(any_value(total_before))
            and sum(weight_before + weight_after)
                filter ((rate_after - rate_before) * (total_after - total_before) < 0)
                >= {{ reversed_from }} * sum(weight_before + weight_after)
    )

),

{% if quantile -%}
places as (

    select {{ by[0] }}, {{ by[1] }}, row_number() over (order by {{ by[0] }}, {{ by[1] }}) as place
    from counted
    where level = 'cell'

),

placed as materialized (

    select places.place, units.is_later, units.measure
    from units
    inner join places
        on units.{{ by[0] }} = places.{{ by[0] }} and units.{{ by[1] }} = places.{{ by[1] }}

),

-- a later unit stands among the earlier ones exactly where its own cell is the one replaced
replaced as (

    select places.{{ by[0] }}, places.{{ by[1] }}, quantile_cont(placed.measure, {{ quantile }}) as value
    from places
    inner join placed
        on placed.is_later = (placed.place = places.place)
    group by all

),

parts as (

    select
        weighed.*,
        null::double as mix,
        null::double as rate,
        -- where nothing is left after the replacement there is no value to tell from
        coalesce(replaced.value - weighed.total_before, 0) as part
    from weighed
    left join replaced
        on weighed.{{ by[0] }} = replaced.{{ by[0] }} and weighed.{{ by[1] }} = replaced.{{ by[1] }}
    where weighed.level = 'cell'

)
{%- else -%}
rated as (

    select
        *,
        coalesce((weight_before + weight_after) / 2 * (rate_after - rate_before), 0) as rate,
        {{ '0' if value == 'count' else '(total_before + total_after) / 2' }} as middle
    from weighed
    where level = 'cell'

),

-- the summands less the rate are the mix, also of a cell that has a numerator and no denominator
parts as (

    select
        *,
        summand_after - summand_before - rate - middle * (weight_after - weight_before) as mix,
        mix + rate as part
    from rated

)
{%- endif %}

select
    'cell' as kind,
    {{ by[0] }},
    {{ by[1] }},
    mix,
    rate,
    part,
    {{ 'numerator_before' if value == 'count' else 'rate_before' }} as value_before,
    {{ 'numerator_after' if value == 'count' else 'rate_after' }} as value_after,
    conversations_before,
    conversations_after,
    total_before,
    total_after,
    simpson_by
from parts
cross join reversals
{%- if quantile %}
union all
select
    'interaction',
    null,
    null,
    null,
    null,
    any_value(total_after) - any_value(total_before) - sum(part),
    any_value(total_before),
    any_value(total_after),
    sum(conversations_before)::bigint,
    sum(conversations_after)::bigint,
    any_value(total_before),
    any_value(total_after),
    any_value(simpson_by)
from parts
cross join reversals
having count(*) > 0
{%- endif %}
{%- endmacro %}

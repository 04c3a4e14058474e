with days as (

    select opened_on, max(greatest(opened_at, updated_at)) over () as loaded_until from {{ ref('conversations') }}

),

periods as (
{% for cadence in ['day', 'week', 'month'] %}
    select distinct
        '{{ cadence }}' as cadence,
        date_trunc('{{ cadence }}', opened_on)::date as period_start,
        (date_trunc('{{ cadence }}', opened_on) + interval 1 {{ cadence }})::date as period_end,
        loaded_until
    from days
    {{ 'union all' if not loop.last }}
{% endfor %}
)

select cadence, period_start, loaded_until >= period_end + interval 24 hour as is_complete
from periods

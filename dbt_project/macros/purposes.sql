{#
    What a purpose may see: metrics that are active and licensed for it, in the periods in which nothing speaks against
    them. A cell of fewer conversations than the purpose's smallest is suppressed; where it is the only one of its
    dimension, the next smallest with it, for else it would be the total less the others.
#}
{% macro purpose_metric_values(purpose) -%}
{%- set smallest = var('purposes')[purpose]['smallest_cell'] %}
with

licensed as (

    {{ licensed_values(purpose) }}

),

small as (

    select
        *,
        conversations < {{ smallest }} as is_below,
        count(*) filter (where conversations < {{ smallest }})
            over (partition by metric, version, period_start, dimension) as below,
        row_number() over (
            partition by metric, version, period_start, dimension, conversations < {{ smallest }}
            order by conversations, member
        ) as nth
    from licensed

),

suppressed as (

    select
        * exclude (is_below, below, nth),
        is_below or (below = 1 and nth = 1 and dimension != 'all') as is_suppressed
    from small

)

select
    metric,
    version,
    title,
    cadence,
    period_start,
    period_end,
    is_complete,
    dimension,
    member,
    case when not is_suppressed then numerator end as numerator,
    case when not is_suppressed then denominator end as denominator,
    case when not is_suppressed then value end as value,
    case when not is_suppressed then value_corrected end as value_corrected,
    case when not is_suppressed then value_low end as value_low,
    case when not is_suppressed then value_high end as value_high,
    unit,
    case when not is_suppressed then conversations end as conversations,
    is_suppressed,
    is_small,
    coverage,
    status,
    status_reasons,
    owner
from suppressed
{%- endmacro %}

{% macro purpose_metric_evidence(purpose) -%}
select evidence.*
from {{ ref('metric_evidence') }} as evidence
inner join {{ ref(purpose ~ '__metric_values') }} as shown
    using (metric, version, period_start, dimension, member)
where not shown.is_suppressed
{%- endmacro %}

{% macro purpose_withheld(purpose) -%}
with

contracts as (

    select *, list_contains(allowed, '{{ purpose }}') as is_licensed
    from {{ metric_contracts() }}

)

select
    metric,
    version,
    title,
    null::timestamp as period_start,
    case
        when not is_licensed then ['not licensed for {{ purpose }}']
        else list_prepend(status, status_reasons)
    end as reasons,
    owner
from contracts
where not is_licensed or status != 'active'
union all
select
    counted.metric,
    counted.version,
    counted.title,
    counted.period_start,
    list_prepend(counted.status, counted.status_reasons) as reasons,
    counted.owner
from {{ ref('metric_values') }} as counted
inner join contracts
    on counted.metric = contracts.metric and counted.version = contracts.version
where counted.dimension = 'all' and contracts.is_licensed and contracts.status = 'active' and counted.status != 'active'
{%- endmacro %}

{% macro licensed_values(purpose) -%}
select counted.*
from {{ ref('metric_values') }} as counted
inner join {{ metric_contracts() }} as contracts
    on counted.metric = contracts.metric and counted.version = contracts.version
where counted.status = 'active' and list_contains(contracts.allowed, '{{ purpose }}')
{%- endmacro %}

{# Written by the audit, beside the models of the build: see contracts/status.py. #}
{% macro metric_contracts() %}{{ this.database }}.marts.metric_contracts{% endmacro %}

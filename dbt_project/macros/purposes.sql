{#
    What a purpose may see: metrics that are active and licensed for it, in the periods in which nothing speaks against
    them. Cells of fewer conversations than the purpose's smallest are suppressed, and with them others, so that what is
    shown and the total do not tell them: see hidden_cells. Tags stand under drivers, so they are suppressed driver by driver.
#}
{% macro purpose_metric_values(purpose) -%}
{%- set smallest = var('purposes')[purpose]['smallest_cell'] %}
with

licensed as (

    {{ licensed_values(purpose) }}

),

{% if smallest > 1 -%}
cells as (

    select *, dimension as within, conversations < {{ smallest }} as is_below
    from licensed
    where dimension != 'canonical_tag'

),

hidden as (

    {{ hidden_cells('cells', smallest) }}

),

tags as (

    select
        tags.*,
        tags.driver as within,
        tags.canonical_tag as member,
        drivers.value_kind,
        -- of a driver that is hidden no tag is shown, for it would tell a part of it
        tags.conversations < {{ smallest }} or drivers.is_hidden as is_below
    from {{ ref('metric_tags') }} as tags
    inner join hidden as drivers
        on tags.metric = drivers.metric and tags.version = drivers.version and tags.period_start = drivers.period_start
            and drivers.dimension = 'driver' and drivers.member = tags.driver

),

suppressed as (

    select metric, version, period_start, dimension, member, is_hidden as is_suppressed from hidden
    union all
    select metric, version, period_start, 'canonical_tag', member, bool_or(is_hidden)
    from ({{ hidden_cells('tags', smallest) }})
    group by all

),

{% endif -%}
told as (

    select
        licensed.*,
        {{ 'suppressed.is_suppressed' if smallest > 1 else 'false' }} as is_suppressed
    from licensed
    {%- if smallest > 1 %}
    inner join suppressed using (metric, version, period_start, dimension, member)
    {%- endif %}

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
    case when not is_suppressed then is_small end as is_small,
    coverage,
    status,
    status_reasons,
    owner
from told
{%- endmacro %}

{#
    Where cells are suppressed a quote tells its driver, and neither whose it is nor what else it is of: the same words under
    two metrics would else put a person into a cell that one of them hides.
#}
{% macro purpose_metric_evidence(purpose) -%}
{%- if var('purposes')[purpose]['smallest_cell'] > 1 -%}
select
    evidence.metric,
    evidence.version,
    evidence.period_start,
    evidence.dimension,
    evidence.member,
    evidence.side,
    evidence.rank,
    evidence.signal,
    evidence.state,
    evidence.driver,
    evidence.quote
from {{ ref('metric_evidence') }} as evidence
inner join {{ ref(purpose ~ '__metric_values') }} as drivers
    on evidence.metric = drivers.metric and evidence.version = drivers.version
        and evidence.period_start = drivers.period_start
        and drivers.dimension = 'driver' and evidence.driver = drivers.member
where evidence.dimension in ('all', 'driver') and not drivers.is_suppressed
{%- else -%}
select evidence.*
from {{ ref('metric_evidence') }} as evidence
semi join {{ ref(purpose ~ '__metric_values') }} as shown
    using (metric, version, period_start, dimension, member)
{%- endif %}
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
select counted.*, contracts.value_kind
from {{ ref('metric_values') }} as counted
inner join {{ metric_contracts() }} as contracts
    on counted.metric = contracts.metric and counted.version = contracts.version
where counted.status = 'active' and list_contains(contracts.allowed, '{{ purpose }}')
{%- endmacro %}

{# Written by the audit, beside the models of the build: see contracts/status.py. #}
{% macro metric_contracts() %}{{ this.database }}.marts.metric_contracts{% endmacro %}

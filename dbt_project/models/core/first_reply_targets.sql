-- Grain: one row per ticket that an SLA policy applies to: its target for the first reply.
-- The first policy, by position, whose conditions a ticket meets applies to it, with the target of its priority, or
-- none where it has none for that. A condition on what is not read here can neither be met nor missed: which policy applies
-- is unknown then, and so is the target.
{%- set fields = ['type', 'priority', 'group_id', 'organization_id', 'brand_id'] %}
with

tickets as (

    select
        latest.conversation_id,
        records.source,
        {%- for field in fields %}
        records.{{ field }}::varchar as {{ field }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ ref('stg_zendesk__latest_tickets') }} as latest
    inner join {{ source('zendesk', 'tickets') }} as records
        on latest.export_seq = records.export_seq and latest.position = records.position

),

policies as (

    select * from {{ ref('stg_zendesk__sla_policies') }} where len(targets) > 0

),

conditions as (
{% for combined in ['all', 'any'] %}
    select
        source,
        policy_id,
        '{{ combined }}' as combined,
        unnest(from_json(filter -> '$.{{ combined }}', '[{"field": "varchar", "operator": "varchar", "value": "json"}]'))
            as condition
    from policies
    {{ 'union all' if not loop.last }}
{% endfor %}
),

-- what tickets have in common is judged once
kinds as (

    select distinct source, {{ fields | join(', ') }} from tickets

),

judged as (

    select
        kinds.*,
        conditions.policy_id,
        conditions.combined,
        case condition.field
            {%- for field in fields %}
            when '{{ field }}' then coalesce({{ field }}, '')
            {%- endfor %}
        end as found,
        case
            when json_type(condition.value) = 'ARRAY' then from_json(condition.value, '["varchar"]')
            else [coalesce(condition.value ->> '$', '')]
        end as named,
        case
            when condition.operator in ('is', 'includes') then list_contains(named, found)
            when condition.operator in ('is_not', 'not_includes') then not list_contains(named, found)
        end as is_met
    from kinds
    inner join conditions
        on kinds.source = conditions.source

),

met as (

    -- of three values: one that is missed decides `all`, one that is met decides `any`, and else an unknown one leaves it open
    select
        source, {{ fields | join(', ') }},
        policy_id,
        case
            when bool_or(not is_met) filter (where combined = 'all') then false
            when bool_or(is_met is null) filter (where combined = 'all') then null
            else true
        end as meets_all,
        case
            when bool_or(is_met) filter (where combined = 'any') then true
            when bool_or(is_met is null) filter (where combined = 'any') then null
            else count(*) filter (where combined = 'any') = 0
        end as meets_any
    from judged
    group by all

),

applied as (

    select
        kinds.*,
        arg_min(
            {
                'applies': coalesce(met.meets_all and met.meets_any, case when met.policy_id is null then true end),
                'target': list_filter(policies.targets, lambda target: target.priority = kinds.priority)[1]
            },
            (policies.policy_position, policies.policy_id)
        ) as policy
    from kinds
    inner join policies
        on kinds.source = policies.source
    left join met
        on kinds.source = met.source and policies.policy_id = met.policy_id
            {%- for field in fields %}
            and kinds.{{ field }} is not distinct from met.{{ field }}
            {%- endfor %}
    where met.policy_id is null or (met.meets_all and met.meets_any) is not false
    group by all

)

select
    tickets.conversation_id,
    applied.policy.target.target as target_minutes,
    coalesce(applied.policy.target.business_hours, false) as is_in_business_hours
from tickets
inner join applied
    on tickets.source = applied.source
        {%- for field in fields %}
        and tickets.{{ field }} is not distinct from applied.{{ field }}
        {%- endfor %}
where applied.policy.applies and applied.policy.target is not null

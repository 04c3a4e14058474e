-- Grain: one row per conversation in scope opened within its customer's first invoice cycle, its matter known.
with

conversations as (

    select * from {{ ref('fct_measured') }}

),

judged as (

    select
        *,
        -- an amount that is wrong or not understood, or seen twice
        list_has_any(canonical_tags, ['billing_incorrect_charge', 'billing_duplicate_charge']) as is_confused
    from conversations
    where is_in_first_invoice_cycle and len(canonical_tags) > 0

)

select
    conversation_id as unit_id,
    conversation_id,
    opened_at as occurred_at,
    is_confused::double as numerator,
    1::double as denominator,
    null::double as measure,
    case when is_confused then 'confused' else 'other' end as state,
    {{ dimensions('judged') }}
from judged

-- Grain: one row per invoice, latest version received.
with

versions as (

    select * from {{ source('billing', 'invoices') }}

)

select
    id as invoice_id,
    arg_max(account, (export_seq, position)) as account_id,
    arg_max(issued_at, (export_seq, position)) as issued_at,
    arg_max(period_start, (export_seq, position)) as period_start,
    arg_max(period_end, (export_seq, position)) as period_end,
    arg_max(amount, (export_seq, position)) as amount,
    arg_max(currency, (export_seq, position)) as currency,
    arg_max(status, (export_seq, position)) as status
from versions
group by all

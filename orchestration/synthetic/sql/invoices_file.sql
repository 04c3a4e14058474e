-- Grain: one row per account and month of traffic it was a customer in.
select
    concat('INV-', strftime(month, '%Y%m-'), lpad(organization_no::varchar, 6, '0')) as invoice_id,
    concat('ACC-', lpad(organization_no::varchar, 6, '0')) as account_id,
    month as issued_on,
    month as period_start,
    last_day(month) as period_end,
    round(arr / 12, 2)::decimal(12, 2) as amount,
    case when pick(organization_no, 'currency', 3) = 0 then 'USD' else 'EUR' end as currency,
    case
        when share(organization_no, concat('late', month)) < 0.03 then 'overdue'
        when share(organization_no, concat('late', month)) < 0.04 then 'refunded'
        when month >= date_trunc('month', getvariable('record_at')::date) then 'open'
        else 'paid'
    end as status
from accounts
inner join (
    select (getvariable('first_month')::date + to_months(month_no::integer))::date as month
    from range(13) as months (month_no)
) on started_on < month + interval 1 month
-- a lost account is billed for its first half of the year only
where not is_lost or month < getvariable('first_month')::date + interval 6 month
order by month, organization_no

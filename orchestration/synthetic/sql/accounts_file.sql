select
    concat('ACC-', lpad(organization_no::varchar, 6, '0')) as account_id,
    organization_id(organization_no) as organization_id,
    company(organization_no) as name,
    started_on,
    segment(organization_no) as segment,
    arr::bigint as arr,
    zulu(getvariable('record_at')::timestamp) as updated_at
from accounts
order by organization_no

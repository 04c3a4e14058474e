-- Grain: one row per organization.
select {
    'url': concat(
        'https://assay.zendesk.com/api/v2/organizations/', organization_id(organization_no), '.json'
    ),
    'id': organization_id(organization_no),
    'external_id': concat('ACC-', lpad(organization_no::varchar, 6, '0')),
    'name': company(organization_no),
    'created_at': zulu(started_on::timestamp),
    'updated_at': zulu(started_on::timestamp),
    'domain_names': []::varchar[],
    'tags': [segment(organization_no)]
} as organization
from accounts
order by organization_no

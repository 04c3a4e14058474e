select distinct id as ticket_id, created_at::date as opened_on, unnest(tags) as raw_tag from {{ ref('tickets') }}

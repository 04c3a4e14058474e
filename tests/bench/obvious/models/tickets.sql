-- latest version of each ticket
select *
from {{ ref('stg_tickets') }}
qualify row_number() over (partition by id order by generated_timestamp desc, updated_at desc) = 1

-- Grain: one row per refused record, its text masked.
with

quarantine as (

    select * from {{ source('loads', 'quarantine') }}

)

select
    export_id,
    position,
    {{ mask_personal_data('reason') }} as reason,
    {{ mask_personal_data('text') }} as text
from quarantine

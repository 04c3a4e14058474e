-- Grain: one row per export file received, refused ones too.
with

exports as (

    select * from {{ source('loads', 'exports') }}

)

select
    export_id,
    source,
    table_name,
    {{ mask_personal_data('file') }} as file,
    sha256,
    status,
    {{ mask_personal_data('reason') }} as reason,
    seen,
    kept,
    duplicates,
    quarantined,
    stated_count,
    loaded_at
from exports

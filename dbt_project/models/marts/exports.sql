-- Grain: one row per export file received, refused ones too.
with

exports as (

    select * from {{ source('loads', 'exports') }}

)

select
    -- of a file that could not be read, the id is its name
    case when sha256 is null then {{ mask_personal_data('export_id') }} else export_id end as export_id,
    source,
    table_name,
    {{ mask_path('file') }} as file,
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

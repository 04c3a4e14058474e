-- Grain: one row per export file received, refused ones too.
with

exports as (

    select * from {{ source('loads', 'exports') }}

)

select
    export_id,
    source,
    table_name,
    file,
    sha256,
    status,
    reason,
    seen,
    kept,
    duplicates,
    quarantined,
    loaded_at
from exports

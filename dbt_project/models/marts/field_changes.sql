-- Grain: one row per metric, version, locked field and export that came after the launch of that version, where the
-- field is not what it was in the exports before. A new field, which nobody has to look at, stands once, where it is
-- first seen. Found by the run before the build, from the profiles of all exports.
with

changes as (

    select * from {{ source('loads', 'field_changes') }}

),

masked as (

    select
        *,
        -- all at once: every copy of the masking costs the time it takes to compile; a path part by part
        list_transform(
            list_concat([field, "before", "after"], string_split(file, '/')),
            lambda part: {{ mask_personal_data('part') }}
        ) as safe
    from changes

)

select
    metric,
    version,
    source,
    table_name,
    safe[1] as field,
    export_seq,
    export_id,
    array_to_string(safe[4:], '/') as file,
    kind,
    position,
    safe[2] as before,
    safe[3] as after,
    measured,
    bound,
    is_settled
from masked

-- Grain: one row per metric, version and kind of harm, as last measured by planting harms. Brought by the run.
with

strengths as (

    select * from {{ source('loads', 'metric_strengths') }}

)

select
    metric,
    version,
    kind,
    planted,
    noticed,
    -- a place may be a queue named by people
    list_transform(survivors, lambda survivor: {{ mask_personal_data('survivor') }}) as survivors,
    seed,
    build,
    measured_at
from strengths

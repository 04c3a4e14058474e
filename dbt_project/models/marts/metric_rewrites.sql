-- Grain: one row per published build, launched metric of it, and slice of its complete periods of which the build after
-- it counts more than a few otherwise, though the source says of the conversations what it said before. Found by the run,
-- before the build is audited.
select
    previous_build,
    metric,
    version,
    slice_kind,
    slice,
    became,
    share,
    conversations,
    is_settled
from {{ source('loads', 'metric_rewrites') }}

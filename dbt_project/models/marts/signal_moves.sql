-- Grain: one row per published build whose successor has a signal answered by another classifier or version, that
-- signal, a value before and one after: how many conversations. Counted by the run, before the build is audited.
select
    previous_build,
    signal,
    previous_classifier,
    previous_version,
    classifier,
    classifier_version,
    previous_value,
    value,
    conversations
from {{ source('loads', 'signal_moves') }}

-- What exports are compared with: what was accepted before them. Reads raw.exports and raw.field_profiles, and the
-- temporary tables points, locks, lost_exports and lost_profiles, and leaves compared, accepted, profiles, base and
-- base_values.
create or replace temp table here as
with received as (
    select export_seq, export_id, source, table_name, format, file, kept, true as is_here, null as refused_at
    from raw.exports
    where status = 'loaded'
    union all
    select *, false as is_here, null as refused_at from lost_exports
    union all
    -- a file refused for a field it lacks has no number: it stands behind all others, by when it was refused
    select
        1000000000000 + row_number() over (order by exports.loaded_at, exports.export_id) as export_seq,
        exports.export_id,
        profiled.source,
        profiled.table_name,
        'csv' as format,
        exports.file,
        0 as kept,
        true as is_here,
        exports.loaded_at as refused_at
    from raw.exports
    inner join (
        select distinct export_id, source, table_name from raw.field_profiles where export_seq is null
    ) as profiled
        on exports.export_id = profiled.export_id
    where exports.status = 'refused'
)
select
    *,
    coalesce(
        sum(kept) over (
            partition by source, table_name, format
            order by export_seq
            rows between unbounded preceding and 1 preceding
        ),
        0
    ) as kept_before
from received
-- a profile of an earlier version of this code tells too little to be compared with
semi join (
    select export_id from raw.field_profiles where sample_records is not null
    union all
    select export_id from lost_profiles where sample_records is not null
) as profiled
    on received.export_id = profiled.export_id;

-- Grain: metric, version, export that came after the launch: up to where exports had been accepted before it.
create or replace temp table compared as
select * exclude (is_launched)
from (
    select
        locked.metric,
        locked.version,
        locked.records,
        here.* exclude (kept, kept_before, is_here, refused_at),
        max(points.export_seq) filter (is_before) as accepted_until,
        bool_or(not is_before) as is_settled,
        bool_or(is_launch and is_before) as is_launched
    from (select distinct metric, version, source, table_name, records from locks) as locked
    inner join here
        on locked.source = here.source and locked.table_name = here.table_name and here.is_here
    inner join points
        on locked.metric = points.metric and locked.version = points.version
    cross join lateral (
        select
            if(
                here.refused_at is null,
                points.export_seq < here.export_seq,
                points.stood_at < here.refused_at
            ) as is_before
    )
    group by all
)
where is_launched;

-- Grain: what is compared with: an accepted export, or one of the first of a format of which none was accepted.
create or replace temp table accepted as
with cuts as (
    select distinct source, table_name, format, accepted_until, records from compared
),
before as (
    select cuts.*, here.export_seq
    from cuts
    inner join here using (source, table_name, format)
    where here.export_seq <= cuts.accepted_until
)
select *, false as is_first from before
union all
select cuts.*, here.export_seq, true as is_first
from cuts
anti join before using (source, table_name, format, accepted_until, records)
inner join here using (source, table_name, format)
where here.kept_before < cuts.records;

create or replace temp table profiles as
select
    *,
    greatest(
        1 - filled / nullif(sample_records, 0),
        -- of an export that repeats another only what differs is kept, which is no fair sample of it
        if(records > sample_records, null_share, 0)
    ) as missing_share,
    -- a field keeps its parent's name before the point
    regexp_extract(field, '^(.*[.])?', 0) as above
from (
    select profiles.* replace (coalesce(profiles.export_seq, here.export_seq) as export_seq)
    from raw.field_profiles as profiles
    left join here
        on profiles.export_seq is null and profiles.export_id = here.export_id
    union all by name
    from lost_profiles
)
where sample_records is not null;

-- Grain: cut, field: what it was like in all that is accepted, and the widest it was in any export large enough.
create or replace temp table base as
select
    accepted.* exclude (export_seq, is_first),
    profiles.field,
    sum(profiles.sample_records) as looked_at,
    sum(profiles.keyed) as keyed,
    sum(profiles.filled) as filled,
    coalesce(bool_or(profiles.keyed = 0 and profiles.sample_records >= accepted.records), false) as was_gone,
    greatest(
        1 - sum(profiles.filled) / nullif(sum(profiles.sample_records), 0),
        max(profiles.missing_share) filter (profiles.sample_records >= accepted.records)
    ) as missing_share,
    list_distinct(flatten(list(profiles.looks))) as looks,
    list(profiles.quartiles) filter (
        profiles.quartiles is not null and profiles.filled >= accepted.records
    ) as quartiles,
    coalesce(bool_and(profiles.value_set is not null) filter (profiles.present > 0), false) as has_set,
    list_distinct(flatten(list(profiles.value_set) filter (profiles.value_set is not null))) as known,
    sum(profiles.present) as present
from accepted
inner join profiles using (export_seq)
group by all;

create or replace temp table base_values as
select
    accepted.* exclude (export_seq, is_first),
    profiles.field,
    unnest(profiles.value_set) as value,
    unnest(profiles.value_records) as value_count
from accepted
inner join profiles using (export_seq)
where profiles.value_set is not null;

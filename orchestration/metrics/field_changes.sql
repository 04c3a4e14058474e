-- What became of locked fields. Reads raw.exports and raw.field_profiles, and the temporary tables points, locks,
-- lost_exports and lost_profiles; leaves `found`, as raw.field_changes.
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

-- Grain: metric, version, export, locked field, with all that is measured of it.
create or replace temp table pairs as
select
    compared.* exclude (records),
    locks.* exclude (metric, version, source, table_name),
    profiles.* exclude (export_seq, export_id, source, table_name, field, records),
    base.looked_at as base_looked_at,
    base.keyed as base_keyed,
    base.filled as base_filled,
    base.was_gone,
    base.missing_share as base_missing_share,
    if(len(coalesce(base.looks, [])) = 0, locks.fitting, base.looks) as base_looks,
    base.quartiles as base_quartiles,
    base.known,
    base.present as base_present,
    -- a set of states: every value stands in many records
    locks.is_set and base.has_set and base.present >= locks.records * len(base.known) as is_states
from compared
inner join locks using (metric, version, source, table_name)
inner join profiles
    on compared.export_seq = profiles.export_seq and locks.field = profiles.field and profiles.is_declared
inner join base
    on compared.source = base.source
        and compared.table_name = base.table_name
        and compared.format = base.format
        and compared.accepted_until = base.accepted_until
        and compared.records = base.records
        and locks.field = base.field
-- what is taken as it is has nothing before it
anti join accepted
    on accepted.is_first
        and compared.export_seq = accepted.export_seq
        and compared.accepted_until = accepted.accepted_until
        and compared.records = accepted.records
where profiles.sample_records > 0;

create or replace temp table looked as
with each_look as (
    select
        *,
        -- in a CSV all is text, whatever it reads as
        if(
            format = 'csv' or regexp_matches(look, '^(quoted|day|time|text)'),
            'text',
            replace(look, 'whole ', '')
        ) as nature
    from (
        select
            metric, version, export_seq, field, format, base_looks,
            unnest(looks) as look, unnest(look_records) as look_count, unnest(look_positions) as look_position
        from pairs
    )
)
select
    metric,
    version,
    export_seq,
    field,
    sum(look_count) as others,
    min(look_position) as others_from,
    string_agg(look, ', ' order by look_count desc) as other_looks,
    bool_or(
        format != 'csv'
        and not list_contains(
            list_transform(
                base_looks,
                lambda one: if(regexp_matches(one, '^(quoted|day|time|text)'), 'text', replace(one, 'whole ', ''))
            ),
            nature
        )
    ) as is_other_nature
from each_look
where len(base_looks) > 0 and not list_contains(base_looks, look)
group by all;

create or replace temp table states as
with each_value as (
    select
        pairs.metric, pairs.version, pairs.export_seq, pairs.field, pairs.known,
        unnest(value_set) as value, unnest(value_records) as value_count, unnest(value_positions) as value_position
    from pairs
    where is_states and value_set is not null
),
vanished as (
    select pairs.metric, pairs.version, pairs.export_seq, pairs.field
    from pairs
    inner join base_values
        on pairs.source = base_values.source
            and pairs.table_name = base_values.table_name
            and pairs.format = base_values.format
            and pairs.accepted_until = base_values.accepted_until
            and pairs.records = base_values.records
            and pairs.field = base_values.field
    where pairs.is_states and not list_contains(pairs.value_set, base_values.value)
    group by
        pairs.metric, pairs.version, pairs.export_seq, pairs.field, pairs.present, pairs.base_present,
        pairs.least, base_values.value
    -- by chance a state that so many records should have had is in none once in four hundred exports
    having sum(base_values.value_count) / pairs.base_present * pairs.present >= 2 * pairs.least
)
select
    each_value.* exclude (known, value, value_count, value_position),
    sum(value_count) as new_count,
    min(value_position) as new_from,
    string_agg(value, ', ' order by value_count desc, value) as new_values_told,
    bool_or(vanished.field is not null) as has_lost_one
from each_value
left join (select distinct * from vanished) as vanished using (metric, version, export_seq, field)
where not list_contains(known, value)
group by all;

create or replace temp table measured as
select
    pairs.*,
    pairs.keyed = 0
        and base_keyed > 0
        and not was_gone
        -- an exporter that leaves nulls out leaves out the key of few records too
        and (base_keyed = base_looked_at or base_keyed / base_looked_at * sample_records >= pairs.records)
        as is_gone,
    if(
        list_bool_and(list_transform(list_concat(looks, base_looks), lambda one: suffix(one, 'number')))
        and filled >= pairs.records,
        list_min(
            list_transform(
                base_quartiles,
                lambda one: case
                    when list_min(list_transform(quartiles, lambda each, place: each / nullif(one[place], 0))) > 1
                        then list_min(list_transform(quartiles, lambda each, place: each / one[place]))
                    when list_max(list_transform(quartiles, lambda each, place: each / nullif(one[place], 0))) between 1e-300 and 1
                        then 1 / list_max(list_transform(quartiles, lambda each, place: each / one[place]))
                    else 1
                end
            )
        ),
        null
    ) as factor,
    if(others >= least or is_other_nature, others / filled, null) as other_share,
    if(
        (sample_records >= pairs.records and base_looked_at >= pairs.records)
        or (base_missing_share = 0 and filled = 0 and sample_records >= least),
        missing_share - base_missing_share,
        null
    ) as missing_rise,
    case
        -- fewer records may not have shown every state, least of all one that old conversations seldom are in:
        -- there a new one counts where a known one has gone
        when new_count >= least and (base_present >= known_from or has_lost_one)
            then new_count / present
        when is_states and value_set is null and not sampled and present >= pairs.records then 1
    end as new_share,
    looked.others_from,
    looked.other_looks,
    states.new_from,
    states.new_values_told
from pairs
left join looked using (metric, version, export_seq, field)
left join states using (metric, version, export_seq, field);

-- Grain: metric, version, export, undeclared field that no accepted export had.
create or replace temp table strangers as
select compared.*, profiles.* exclude (export_seq, export_id, source, table_name, records)
from compared
inner join profiles
    on compared.export_seq = profiles.export_seq and not profiles.is_declared and profiles.keyed > 0
anti join base
    on compared.source = base.source
        and compared.table_name = base.table_name
        and compared.format = base.format
        and compared.accepted_until = base.accepted_until
        and compared.records = base.records
        and profiles.field = base.field
        and base.keyed > 0
anti join accepted
    on accepted.is_first
        and compared.export_seq = accepted.export_seq
        and compared.accepted_until = accepted.accepted_until
        and compared.records = accepted.records;

-- Which stranger stands where a field has gone: it holds what that one held, and is the likeliest for it, as it is
-- the likeliest to have lost its name. A set of states is known by them, a number by its size.
create or replace temp table renamed as
with likely as (
    select
        gone.metric,
        gone.version,
        gone.export_seq,
        gone.field,
        strangers.field as stranger,
        coalesce(
            len(list_filter(gone.known, lambda one: list_contains(strangers.digests, md5(one)[:8])))
            / len(strangers.digests),
            0
        ) as shared,
        jaro_winkler_similarity(gone.field, strangers.field)
        + 1 - abs(strangers.filled / strangers.sample_records - (1 - gone.base_missing_share))
        + shared as likeness
    from measured as gone
    inner join strangers
        on gone.metric = strangers.metric
            and gone.version = strangers.version
            and gone.export_seq = strangers.export_seq
            and regexp_extract(gone.field, '^(.*[.])?', 0) = strangers.above
    where gone.is_gone
        and list_has_any(
            list_transform(gone.base_looks, lambda one: replace(one, 'whole ', '')),
            list_transform(strangers.looks, lambda one: replace(one, 'whole ', ''))
        )
        and if(
            gone.is_states,
            shared > 0,
            strangers.digests is null or not list_contains(strangers.looks, 'text')
        )
        and not coalesce(
            list_bool_and(
                list_transform(
                    gone.base_quartiles,
                    lambda one: strangers.quartiles[2] not between one[1] / gone.scale_bound and one[3] * gone.scale_bound
                )
            ),
            false
        )
)
select metric, version, export_seq, field, stranger
from likely
qualify
    row_number() over (partition by metric, version, export_seq, field order by likeness desc, stranger) = 1
    and row_number() over (partition by metric, version, export_seq, stranger order by likeness desc, field) = 1;

create or replace temp table found as
with judged as (
    select
        measured.*,
        renamed.stranger,
        case
            when is_gone and stranger is not null then 'renamed'
            when is_gone then 'gone'
            when factor > scale_bound then 'rescaled'
            when other_share > other_types_bound then 'retyped'
            when missing_rise > null_share_bound then 'emptied'
            when new_share > new_values_bound then 'new values'
        end as kind
    from measured
    left join renamed using (metric, version, export_seq, field)
)
select
    metric, version, source, table_name, field, if(export_seq > 1000000000000, null, export_seq) as export_seq,
    export_id, file, kind,
    case kind
        when 'rescaled' then list_min(look_positions)
        when 'retyped' then others_from
        when 'new values' then new_from
        else first_missing
    end as position,
    case kind
        when 'rescaled' then format('{:.2g}', base_quartiles[1][2])
        when 'retyped' then array_to_string(base_looks[:4], ', ')
        when 'emptied' then format('{:.1f}%', 100 * base_missing_share)
        when 'new values' then array_to_string(list_sort(known)[:8], ', ')
        else field
    end as "before",
    case kind
        when 'renamed' then stranger
        when 'rescaled' then format('{:.2g}', quartiles[2])
        when 'retyped' then other_looks
        when 'emptied' then format('{:.1f}%', 100 * missing_share)
        when 'new values' then coalesce(new_values_told, 'more values than a set has')
    end as "after",
    case kind
        when 'rescaled' then factor
        when 'retyped' then other_share
        when 'emptied' then missing_rise
        when 'new values' then new_share
        else 1
    end::double as measured,
    case kind
        when 'rescaled' then scale_bound
        when 'retyped' then other_types_bound
        when 'emptied' then null_share_bound
        when 'new values' then new_values_bound
        else 0
    end::double as bound,
    is_settled
from judged
where kind is not null
union all
select
    metric, version, source, table_name, field, if(export_seq > 1000000000000, null, export_seq) as export_seq,
    export_id, file, 'new field' as kind,
    null as position, null as "before", array_to_string(looks[:4], ', ') as "after", null as measured,
    null as bound, true as is_settled
from strangers
anti join renamed
    on strangers.metric = renamed.metric
        and strangers.version = renamed.version
        and strangers.export_seq = renamed.export_seq
        and strangers.field = renamed.stranger
-- noted where it is first seen
qualify row_number() over (partition by metric, version, source, table_name, format, field order by export_seq) = 1;

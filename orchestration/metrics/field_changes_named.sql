-- What became of a field, by its name. Reads measured and the temporary tables that field_changes_accepted.sql
-- leaves, and leaves found, as raw.field_changes.

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

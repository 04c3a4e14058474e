-- How far a locked field of an export is from what was accepted. Reads the temporary tables locks and those that
-- field_changes_accepted.sql leaves, and leaves measured.

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

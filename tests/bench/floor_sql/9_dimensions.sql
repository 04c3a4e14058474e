-- The small marts: dimensions, tags nobody mapped, the files that were read.
create table candidate.marts.dim_canonical_tags as
select canonical_tag, name, description, driver, valid_from, valid_to from canonical_tags;

create table candidate.marts.dim_drivers as
select driver, name, description, owner, rank::integer as rank, valid_from, valid_to from drivers
union all
select 'unmapped', 'Unmapped', 'Tagged, but only in words that lead to no driver on that day.',
    null, null, date '1970-01-01', null
union all
select 'system', 'System',
    'A tag set by a machine: it says nothing of what the customer wants, and is no conversation''s primary driver.',
    null, null, date '1970-01-01', null
union all
select 'no_signal', 'No signal', 'Nobody tagged it and no keyword rule speaks.',
    null, null, date '1970-01-01', null;

create table candidate.marts.unmapped_tags as
with

volumes as (

    select raw_tag, count(*) as conversations, min(opened_on) as first_seen, max(opened_on) as last_seen
    from tags
    where driver = 'unmapped'
    group by all

),

loudest as (

    select volumes.raw_tag, raw_tags.normalised_tag
    from volumes
    inner join raw_tags
        on volumes.raw_tag = raw_tags.raw_tag
    order by volumes.conversations desc, volumes.raw_tag
    limit 1000

),

suggested as (

    select
        loudest.raw_tag,
        max((
            jaro_winkler_similarity(loudest.normalised_tag, known.raw_tag), known.canonical_tag
        )) as nearest
    from loudest
    cross join (select distinct raw_tag, canonical_tag from raw_tag_map) as known
    group by all

)

select
    volumes.*,
    case when nearest[1] >= 0.9 then nearest[2] end as suggestion
from volumes
left join suggested
    on volumes.raw_tag = suggested.raw_tag;

-- names and sizes only: the floor keeps no account of records
create table candidate.marts.exports as
select replace(filename, '{{ exports }}/', '') as file, size as bytes
from read_blob('{{ exports }}/*/**');

-- the export holds two lists as one page each
create table candidate.marts.stated_counts as
{% for list in ['groups', 'sla_policies'] %}
select
    'zendesk' as source,
    '{{ list }}' as table_name,
    'zendesk' as folder,
    replace(filename, '{{ exports }}/', '') || ' 1' as listing,
    1::bigint as pages,
    0::bigint as missing_pages,
    count as stated,
    len({{ list }})::bigint as received,
    next_page is null as is_ended,
    len({{ list }}) / count as received_share
from read_json('{{ exports }}/zendesk/{{ list }}*', format = 'unstructured', filename = true, columns = {
    '{{ list }}': 'json[]', 'count': 'bigint', 'next_page': 'varchar'
})
{{ 'union all by name' if not loop.last }}
{% endfor %};

-- Expected against loaded, by day and slice; then judged by day or, where few are expected, by week.
create temp table expected as
with

stated as (

    select
        day,
        coalesce(slice_kind, '') as slice_kind,
        slice,
        -- the last statement about a day wins
        arg_max(expected, filename) as expected
    from read_csv('{{ exports }}/zendesk/**/expected.csv', header = true, filename = true, columns = {
        'day': 'date', 'slice_kind': 'varchar', 'slice': 'varchar', 'expected': 'bigint'
    })
    group by all

)

select
    stated.day,
    stated.slice_kind,
    coalesce(channels.channel, languages.language, stated.slice, '') as slice,
    sum(stated.expected)::bigint as expected
from stated
left join channels
    on stated.slice_kind = 'channel' and lower(trim(stated.slice)) = channels.raw_channel
left join languages
    on stated.slice_kind = 'language' and lower(trim(stated.slice)) = languages.raw_language
group by all;

create table candidate.marts.coverage as
with

loaded as (

    select
        opened_on as day,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(language) = 0 then 'language'
            when grouping(channel) = 0 then 'channel'
            when grouping(segment) = 0 then 'segment'
            else ''
        end as slice_kind,
        coalesce(
            case when grouping(queue) = 0 then queue end,
            case when grouping(language) = 0 then language end,
            case when grouping(channel) = 0 then channel end,
            case when grouping(segment) = 0 then segment end,
            ''
        ) as slice,
        count(*) as loaded
    from conversations
    group by grouping sets (
        (opened_on), (opened_on, queue), (opened_on, language), (opened_on, channel), (opened_on, segment)
    )

)

select
    'zendesk' as source,
    day,
    slice_kind,
    slice,
    expected.expected,
    coalesce(loaded.loaded, 0) as loaded,
    case when slice_kind = '' then 0::bigint end as quarantined,
    case
        when expected.expected > 0 then coalesce(loaded.loaded, 0) / expected.expected
        when expected.expected = 0 and coalesce(loaded.loaded, 0) = 0 then 1
    end::double as coverage
from loaded
full outer join expected
    using (day, slice_kind, slice);

create table candidate.marts.coverage_judged as
with

measured as (

    select
        *,
        avg(expected) over (partition by slice_kind, slice, date_trunc('week', day)) < 20 as is_judged_by_week
    from candidate.marts.coverage
    where expected is not null

)

select
    source,
    case when is_judged_by_week then date_trunc('week', day)::date else day end as period_start,
    case when is_judged_by_week then 'week' else 'day' end as period_kind,
    slice_kind,
    slice,
    sum(measured.expected)::bigint as expected,
    sum(measured.loaded)::bigint as loaded,
    case
        when sum(measured.expected) > 0 then sum(measured.loaded) / sum(measured.expected)
        when sum(measured.loaded) = 0 then 1
    end::double as coverage
from measured
group by all;

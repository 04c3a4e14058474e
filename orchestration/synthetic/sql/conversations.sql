-- Grain: one row per conversation number in `numbers`: who asks, about what, and how it will go.
create or replace temp table people as
with

repeated as (

    select
        *,
        -- some write again about the same thing within days: they are who they were then
        case
            when share(no, 'repeat') < 0.06 and no > getvariable('conversations') // 50
                then no - 1 - pick(no, 'repeat of', getvariable('conversations') // 130 + 1)
            else no
        end as source_no

    from numbers

),

aged as (

    select
        *,
        source_no <> no as is_repeat,
        -- organizations are numbered by the day they came, so a young number is a new customer
        least(getvariable('organizations'), (
            getvariable('organizations')
            * (0.7 + 0.3 * source_no / getvariable('conversations'))
        )::bigint) as known_organizations,
        getvariable('organizations') * 0.3 / 13 as organizations_a_month

    from repeated

),

organized as (

    select
        *,
        case
            when share(source_no, 'business') >= 0.55 then null
            when share(source_no, 'fresh') < 0.09 then known_organizations - 1 - floor(
                share(source_no, 'organization') * ceil(organizations_a_month)
            )::bigint
            when share(source_no, 'tier') < 0.3 then floor(
                share(source_no, 'organization') * known_organizations / 12
            )::bigint * 12
            else least(
                known_organizations - 1,
                floor(share(source_no, 'organization') ^ 1.2 * known_organizations)::bigint
            )
        end as organization_no

    from aged

),

named as (

    select
        *,
        coalesce(
            organization_no >= known_organizations - ceil(organizations_a_month)
            and organization_no >= getvariable('organizations') * 0.7,
            share(source_no, 'new consumer') < 0.05
        ) as is_new,
        case
            when organization_no is null
                then floor(share(source_no, 'customer') ^ 1.3 * getvariable('consumers'))
            else getvariable('consumers') + organization_no * 40
                + floor(share(source_no, 'customer') ^ 1.3 * seats(organization_no))
        end::bigint as customer_no,
        pick(source_no, 'topic', getvariable('mix_buckets')) as bucket

    from organized

)

select
    named.no,
    named.day,
    named.fraction,
    named.is_updated,
    named.is_repeat,
    named.is_new,
    named.organization_no,
    named.customer_no,
    language_no(named.customer_no) as language_no,
    -- one organization in eight is always about to leave
    coalesce(pick(named.organization_no, 'restless', 8) = 0, false) as is_restless,
    -- opening times follow the hours of a working day; numbers within a day ascend
    least(
        later(
            named.day::timestamp,
            getvariable('minutes_by_share')[1 + floor(named.fraction * 1440)::integer]
            + (named.fraction * 1440) % 1 + share(named.no, 'minute') * 7
        ),
        named.day::timestamp + interval '86399 seconds'
    ) as opened_at,
    topics.*
from named
inner join mix
    on named.mix_no = mix.mix_no and named.is_new = mix.is_new and named.bucket = mix.bucket
inner join topics on mix.topic_no = topics.topic_no
order by named.no;

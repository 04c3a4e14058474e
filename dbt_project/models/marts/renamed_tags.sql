-- Grain: source × raw tag that came when another had gone: most likely one thing by another name. A tag has gone, or come,
-- where by its share `renamed_tag_from` of the conversations after, or before, would carry it and next to none does.
-- A record dated late or written by an old form still carries the old name: a few stragglers do not hide a rename.
with

used as (

    select
        conversations.source,
        conversations.opened_on,
        conversations.conversation_id,
        tags.raw_tag,
        tags.canonical_tag,
        tags.driver
    from {{ ref('fct_conversation_tags') }} as tags
    inner join {{ ref('fct_conversations') }} as conversations
        on tags.conversation_id = conversations.conversation_id
    where conversations.is_in_scope and tags.method != 'keyword'

),

days as (

    select
        source,
        opened_on,
        count(distinct conversation_id) as of_day,
        sum(of_day) over (partition by source order by opened_on) as until_then,
        sum(of_day) over (partition by source) - until_then as after_then
    from used
    group by source, opened_on

),

of_days as (

    select
        source,
        raw_tag,
        opened_on,
        count(*) as tagged_of_day,
        any_value(canonical_tag) as canonical_tag,
        any_value(driver) as driver
    from used
    group by source, raw_tag, opened_on

),

-- by every day of a tag, how many carry it until then
walked as (

    select
        of_days.source,
        of_days.raw_tag,
        of_days.opened_on,
        days.of_day,
        days.until_then,
        days.after_then,
        of_days.tagged_of_day,
        sum(of_days.tagged_of_day) over (
            partition by of_days.source, of_days.raw_tag order by of_days.opened_on
        ) as tagged_until_then,
        sum(of_days.tagged_of_day) over (partition by of_days.source, of_days.raw_tag) as conversations,
        last_value(of_days.canonical_tag) over (
            partition by of_days.source, of_days.raw_tag
            order by of_days.opened_on rows between unbounded preceding and unbounded following
        ) as canonical_tag,
        last_value(of_days.driver) over (
            partition by of_days.source, of_days.raw_tag
            order by of_days.opened_on rows between unbounded preceding and unbounded following
        ) as driver
    from of_days
    inner join days
        on of_days.source = days.source and of_days.opened_on = days.opened_on

),

-- of several days after which next to none come, the likeliest: that parts best where it is in use from where it is not
gone as (

    select
        *,
        tagged_until_then / until_then as share,
        conversations - tagged_until_then as stragglers
    from walked
    where share * after_then >= {{ var('renamed_tag_from') }}
        and {{ few_stragglers('share * after_then', 'tagged_until_then') }}
    qualify row_number() over (
        partition by source, raw_tag
        order by
            tagged_until_then * ln(share) + stragglers * coalesce(ln(nullif(stragglers, 0) / after_then), 0) desc,
            opened_on desc
    ) = 1

),

come as (

    select
        *,
        until_then - of_day as before_then,
        tagged_until_then - tagged_of_day as stragglers,
        (conversations - stragglers) / (of_day + after_then) as share
    from walked
    where share * before_then >= {{ var('renamed_tag_from') }}
        and {{ few_stragglers('share * before_then', 'conversations - stragglers') }}
    qualify row_number() over (
        partition by source, raw_tag
        order by
            (conversations - stragglers) * ln(share)
            + stragglers * coalesce(ln(nullif(stragglers, 0) / before_then), 0) desc,
            opened_on
    ) = 1

)

select
    come.source,
    gone.raw_tag as previous_tag,
    come.raw_tag,
    gone.opened_on as last_on,
    come.opened_on as first_on,
    gone.conversations::bigint as previous_conversations,
    come.conversations::bigint as conversations,
    gone.stragglers::bigint as previous_stragglers,
    come.stragglers::bigint as stragglers,
    gone.share as previous_share,
    come.share,
    gone.canonical_tag as previous_canonical_tag,
    come.canonical_tag,
    gone.driver as previous_driver,
    come.driver
from come
inner join gone
    on come.source = gone.source
        and come.raw_tag != gone.raw_tag
        -- where both have stragglers, the last of the one may be a day or two after the first of the other
        and abs(come.opened_on - gone.opened_on) <= {{ var('renamed_tag_within_days') }}
-- of several, those that held most alike a share
qualify row_number() over (
    partition by come.source, come.raw_tag order by abs(ln(come.share / gone.share)), gone.raw_tag
) = 1
and row_number() over (
    partition by gone.source, gone.raw_tag order by abs(ln(come.share / gone.share)), come.raw_tag
) = 1

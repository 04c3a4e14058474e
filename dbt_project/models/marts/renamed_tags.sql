-- Grain: source × raw tag that came when another had gone: most likely one thing by another name. A tag has gone, or come,
-- where by its share of the conversations after, or before, `renamed_tag_from` of them would carry it and none does.
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

spans as (

    select
        source,
        raw_tag,
        min(opened_on) as first_on,
        max(opened_on) as last_on,
        count(*) as conversations,
        arg_max(canonical_tag, opened_on) as canonical_tag,
        arg_max(driver, opened_on) as driver
    from used
    group by all

),

gone as (

    select spans.*, spans.conversations / days.until_then as share
    from spans
    inner join days
        on spans.source = days.source and spans.last_on = days.opened_on
    where share * days.after_then >= {{ var('renamed_tag_from') }}

),

come as (

    select spans.*, spans.conversations / (days.of_day + days.after_then) as share
    from spans
    inner join days
        on spans.source = days.source and spans.first_on = days.opened_on
    where share * (days.until_then - days.of_day) >= {{ var('renamed_tag_from') }}

)

select
    come.source,
    gone.raw_tag as previous_tag,
    come.raw_tag,
    gone.last_on as last_on,
    come.first_on as first_on,
    gone.conversations as previous_conversations,
    come.conversations,
    gone.share as previous_share,
    come.share,
    gone.canonical_tag as previous_canonical_tag,
    come.canonical_tag,
    gone.driver as previous_driver,
    come.driver
from come
inner join gone
    on come.source = gone.source
        and come.first_on > gone.last_on
        and come.first_on <= gone.last_on + {{ var('renamed_tag_within_days') }}
-- of several, those that held most alike a share
qualify row_number() over (
    partition by come.source, come.raw_tag order by abs(ln(come.share / gone.share)), gone.raw_tag
) = 1
and row_number() over (
    partition by gone.source, gone.raw_tag order by abs(ln(come.share / gone.share)), come.raw_tag
) = 1

{#
    How the words under a tag have changed while its name stayed: whether people still mean by it what they meant.
    `tagged`: source, slice_kind, slice (the tag), conversation_id, opened_on, a row per conversation and tag. `texts`:
    conversation_id, body. `until`: a query of the day the compared weeks end before, one per source (source, until).
    `weeks`, `baseline_weeks`: how many are compared with how many before them. `least`: conversations on each side, below
    which nothing is told. `most`: read on each side of a tag, the same ones whenever it is asked.
    `standard_errors`: of its own error, that a change must exceed.

    Compared is the share of conversations whose first message holds a word, less the change of that share under the other
    tags of the source: months, releases and campaigns come and go everywhere, under one tag more than another, so a
    word is only told where it changed three times as much as it did elsewhere. Of some hundred words the furthest is
    further by chance, so the change must exceed sqrt(standard_errors² + 2 ln words) errors; what does not is 0.
    Grain: source × slice_kind × slice, the word that changed most.
#}
{% macro tag_texts(tagged, texts, until, weeks, baseline_weeks, least, most, standard_errors) -%}
{{ return(adapter.dispatch('tag_texts')(tagged, texts, until, weeks, baseline_weeks, least, most, standard_errors)) }}
{%- endmacro %}

{% macro default__tag_texts(tagged, texts, until, weeks, baseline_weeks, least, most, standard_errors) -%}
with

chosen as materialized (

    select
        tagged.*,
        ends.until - 7 * {{ weeks }} as since,
        tagged.opened_on >= since as is_now
    from {{ tagged }} as tagged
    inner join {{ until }} as ends
        on tagged.source = ends.source
            and tagged.opened_on < ends.until
            and tagged.opened_on >= ends.until - 7 * {{ weeks + baseline_weeks }}
    qualify row_number() over (
        partition by tagged.source, slice_kind, slice, is_now order by md5(tagged.conversation_id)
    ) <= {{ most }}

),

sizes as (

    select
        source,
        slice_kind,
        slice,
        any_value(since) as since,
        count(*) filter (is_now) as conversations,
        count(*) filter (not is_now) as baseline_conversations,
        sum(count(*) filter (is_now)) over of_source as conversations_of_source,
        sum(count(*) filter (not is_now)) over of_source as baseline_conversations_of_source
    from chosen
    group by source, slice_kind, slice
    window of_source as (partition by source, slice_kind)

),

words as materialized (

    select
        conversation_id,
        unnest(list_distinct(regexp_extract_all(lower(body), '\p{L}{3,}'))) as word
    from {{ texts }}
    semi join chosen using (conversation_id)

),

counted as (

    select
        chosen.source,
        chosen.slice_kind,
        chosen.slice,
        words.word,
        count(*) filter (chosen.is_now) as holding,
        count(*) filter (not chosen.is_now) as baseline_holding,
        sum(count(*) filter (chosen.is_now)) over of_source as holding_of_source,
        sum(count(*) filter (not chosen.is_now)) over of_source as baseline_holding_of_source
    from chosen
    inner join words
        on chosen.conversation_id = words.conversation_id
    group by chosen.source, chosen.slice_kind, chosen.slice, words.word
    window of_source as (partition by chosen.source, chosen.slice_kind, words.word)

),

compared as (

    select
        counted.source,
        counted.slice_kind,
        counted.slice,
        counted.word,
        sizes.since,
        sizes.conversations,
        sizes.baseline_conversations,
        holding / conversations as share,
        baseline_holding / baseline_conversations as baseline_share,
        coalesce(
            (holding_of_source - holding) / nullif(conversations_of_source - conversations, 0)
            - (baseline_holding_of_source - baseline_holding)
            / nullif(baseline_conversations_of_source - baseline_conversations, 0),
            0
        ) as change_elsewhere,
        share - baseline_share - change_elsewhere as change,
        abs(share - baseline_share) >= 3 * abs(change_elsewhere) as is_its_own,
        (holding + baseline_holding) / (conversations + baseline_conversations) as share_of_both,
        abs(change) / nullif(
            sqrt(share_of_both * (1 - share_of_both) * (1 / conversations + 1 / baseline_conversations)), 0
        ) as errors,
        sqrt({{ standard_errors }} ^ 2 + 2 * ln(count(*) over (
            partition by counted.source, counted.slice_kind, counted.slice
        ))) as errors_by_chance
    from counted
    inner join sizes
        on counted.source = sizes.source and counted.slice_kind = sizes.slice_kind and counted.slice = sizes.slice
    where sizes.conversations >= {{ least }} and sizes.baseline_conversations >= {{ least }}
        and counted.holding + counted.baseline_holding >= 5

),

-- of every tag the word that changed most
furthest as (

    select
        *,
        case when errors > errors_by_chance and is_its_own then abs(change) else 0 end as measured
    from compared
    qualify row_number() over (
        partition by source, slice_kind, slice order by is_its_own desc, errors desc nulls last, word
    ) = 1

),

examples as (

    select
        furthest.source,
        furthest.slice_kind,
        furthest.slice,
        list(chosen.conversation_id order by md5(chosen.conversation_id))[1:3] as examples
    from furthest
    inner join chosen
        on furthest.source = chosen.source
            and furthest.slice_kind = chosen.slice_kind
            and furthest.slice = chosen.slice
            and chosen.is_now = (furthest.change > 0)
    inner join words
        on chosen.conversation_id = words.conversation_id and furthest.word = words.word
    group by furthest.source, furthest.slice_kind, furthest.slice

)

select
    furthest.source,
    furthest.slice_kind,
    furthest.slice,
    furthest.since,
    furthest.conversations,
    furthest.baseline_conversations,
    furthest.word,
    furthest.baseline_share,
    furthest.share,
    furthest.change_elsewhere,
    furthest.measured,
    examples.examples
from furthest
left join examples
    on furthest.source = examples.source and furthest.slice_kind = examples.slice_kind and furthest.slice = examples.slice
{%- endmacro %}

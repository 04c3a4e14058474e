"""Tags of metrics: what a metric counts by is still called so, and still means what it meant."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.contract import Contract
from expectations.suite import Row, Suite
from expectations.suites import renamed_tags, tag_texts
from expectations.suites.of_metrics import held, of_metrics, promised

TAGS = "tags"
"""What a field of tags is called in every locked table."""

TOLD = (
    "source", "word", "baseline_share", "share", "change_elsewhere", "previous_tag", "last_on", "previous_share",
    "previous_stragglers", "stragglers", "previous_canonical_tag", "canonical_tag",
)  # fmt: skip
"""Columns of a tag that moved that its sentence is made of."""

_TOLD = ",\n".join(f"    moved.{name}" for name in TOLD)

MEASUREMENT = f"""\
select
    promised.metric,
    promised.version,
    moved.period_start,
    moved.slice_kind,
    coalesce(moved.slice, 'all') as slice,
    moved.measured,
    promised.bound,
{_TOLD}

from {{promised}}
left join (
    select
        used.metric,
        tags.*
    from (
        select
            source,
            since as period_start,
            slice_kind,
            slice,
            canonical_tag,
            word,
            baseline_share,
            share,
            change_elsewhere,
            measured
        from {tag_texts.RELATION}
        union all by name
        -- of a tag that goes by another name all conversations changed
        select
            source,
            first_on as period_start,
            'raw tag' as slice_kind,
            raw_tag as slice,
            canonical_tag,
            share,
            previous_tag,
            last_on,
            previous_share,
            previous_stragglers,
            stragglers,
            previous_canonical_tag,
            1.0 as measured
        from {renamed_tags.RELATION}
        where canonical_tag != previous_canonical_tag or driver = 'unmapped'
    ) as tags
    inner join (select distinct metric, canonical_tag from counted.metric_tags) as used
        on used.canonical_tag in (tags.canonical_tag, tags.previous_canonical_tag)
) as moved
    on promised.metric = moved.metric
        and list_contains(string_split(promised.systems, ','), moved.source)
order by
    moved.measured desc nulls last,
    promised.metric,
    moved.source,
    moved.slice_kind,
    moved.slice
"""

REMEDY = (
    "Read the conversations in marts.tag_texts or marts.renamed_tags. Map a tag that has another name or another "
    "meaning anew in seeds/taxonomy/raw_tag_map.csv, from that day on."
)

SILENT = "no tag it counts by was renamed, and none has conversations enough to tell how its text changed"


def metric_tags(contracts: Sequence[Contract]) -> Suite:
    """
    No tag that a metric counts by was renamed or stands for another text than before, of metrics that lock tags.

    A tag with few conversations is not judged, and holds nothing against a metric.
    """
    counting = [
        each
        for each in contracts
        if each.data and any(TAGS in fields for fields in each.data.locked_fields.values())
    ]
    rows = [
        (each.metric, each.version, tag_texts.CHANGED, ",".join(each.data.systems))
        for each in counting
        if each.data
    ]
    return of_metrics(
        "tags",
        [
            held(
                each,
                f"no tag renamed, and no word under one come or gone in more than {tag_texts.CHANGED:g}",
                tag_texts.CHANGED,
                REMEDY,
            )
            for each in counting
        ],
        "at most",
        TOLD,
        relation="counted.metric_tags",
        measurement=MEASUREMENT.format(
            promised=promised("metric, version, bound, systems", rows),
        ),
        when_silent=SILENT,
        may_be_empty=True,
        tell=_sentence,
    )


def _sentence(row: Row) -> str:
    if row["measured"] is None:
        return SILENT
    if row["previous_tag"] is not None:
        return renamed_tags.sentence(row)
    if row["measured"] <= row["bound"]:
        return f"the text under its tags changed most by the word {row['word']!r}, by {row['measured']:.1%}"
    return tag_texts.sentence(row)

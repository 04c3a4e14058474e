"""Renamed tags: a raw tag that came where another had gone leads where that one led."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.suite import Row, Suite, there_are_rows

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

RELATION = "marts.renamed_tags"

# `unmapped` is where no tag leads: two that both are would be told apart by whoever reads them
MEASUREMENT = f"""\
select
    source,
    first_on as period_start,
    'raw tag' as slice_kind,
    raw_tag as slice,
    previous_tag,
    last_on,
    previous_share,
    share,
    previous_stragglers,
    stragglers,
    previous_canonical_tag,
    canonical_tag,
    (canonical_tag != previous_canonical_tag or driver = 'unmapped')::integer as is_lost

from {RELATION}
order by share desc, source, raw_tag
"""


def renamed_tags() -> Suite:
    """A renamed tag is told until both names lead to one canonical tag: driver totals would move by a name."""
    return Suite(
        name="renamed_tags",
        clause="renamed tags",
        severity="warning",
        relation=RELATION,
        measurement=MEASUREMENT,
        keys=("source", "period_start", "slice_kind", "slice", "previous_tag", "last_on", "previous_share",
              "share", "previous_stragglers", "stragglers", "previous_canonical_tag", "canonical_tag", "is_lost"),
        expectations=_expectations,
        bound="both names lead to one canonical tag",
        limit=0.0,
        may_be_empty=True,
        when_silent="No raw tag came where another had gone.",
        remedy=(
            "Write the new name into seeds/taxonomy/raw_tag_map.csv with the canonical tag of the old one; where "
            "they mean two things, map each to its own."
        ),
        tell=sentence,
    )  # fmt: skip


def _expectations() -> list[Expectation]:
    from great_expectations import expectations as gxe

    return [
        there_are_rows(),
        gxe.ExpectColumnValuesToBeBetween(
            column="is_lost",
            max_value=0,
            description="a raw tag that took another's place leads to the same canonical tag",
        ),
    ]


def sentence(row: Row) -> str:
    """What changed, and since when."""
    late, early = (
        f", and {many:,.0f} {when}" if many else ""
        for many, when in ((row["previous_stragglers"], "later"), (row["stragglers"], "earlier"))
    )
    return (
        f"{row['source']}: the raw tag {row['previous_tag']!r} ({row['previous_share']:.1%} until "
        f"{row['last_on']}{late}) has gone, and {row['slice']!r} ({row['share']:.1%} since "
        f"{row['period_start']}{early}) came. "
        f"They lead to {row['previous_canonical_tag']} and {row['canonical_tag']}."
    )

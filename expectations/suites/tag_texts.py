"""Texts of tags: what people write under a tag is what they wrote under it before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.suite import Row, Suite, there_are_rows

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

RELATION = "marts.tag_texts"

CHANGED = 0.2
"""By so much the share of a tag's conversations that hold one word may change, beyond that of all others."""

MEASUREMENT = f"""\
select
    source,
    since as period_start,
    slice_kind,
    slice,
    word,
    baseline_share,
    share,
    change_elsewhere,
    measured

from {RELATION}
order by measured desc, source, slice_kind, slice
"""


def tag_texts() -> Suite:
    """No word has come or gone under a tag that did not elsewhere: a name that stays is to mean what it meant."""
    return Suite(
        name="tag_texts",
        clause="tag texts",
        severity="warning",
        relation=RELATION,
        measurement=MEASUREMENT,
        keys=("source", "period_start", "slice_kind", "slice", "word", "baseline_share", "share",
              "change_elsewhere", "measured"),
        expectations=_expectations,
        bound=f"at most {CHANGED:g} of its conversations",
        limit=CHANGED,
        may_be_empty=True,
        when_silent="No tag has conversations enough to tell how its text changed.",
        remedy=(
            "Read the examples in marts.tag_texts. If people mean another thing by the tag now, map it anew in "
            "seeds/taxonomy/raw_tag_map.csv from that day on; if the matter itself changed, write it into "
            "seeds/taxonomy/announced_changes.csv for the metrics that drift with it."
        ),
        tell=sentence,
    )  # fmt: skip


def _expectations() -> list[Expectation]:
    from great_expectations import expectations as gxe

    return [
        there_are_rows(),
        gxe.ExpectColumnValuesToBeBetween(
            column="measured",
            max_value=CHANGED,
            description="no word under a tag came or went by more than the bound",
        ),
    ]


def sentence(row: Row) -> str:
    """What changed, and since when."""
    return (
        f"{row['source']}: under the {row['slice_kind']} {row['slice']!r} the word {row['word']!r} went from "
        f"{row['baseline_share']:.1%} of conversations to {row['share']:.1%} since {row['period_start'][:10]}; "
        f"elsewhere it changed by {row['change_elsewhere']:+.1%}."
    )

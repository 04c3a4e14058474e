"""Contradictions: stated counts of one day that cannot both be right, by who stated them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from expectations.suite import Row, Suite, literal, there_are_rows

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

RELATION = "marts.coverage_contradictions"


def contradictions(sources: Sequence[str]) -> list[Suite]:
    """
    One suite per source: no file states another count than the one before it, and no part is more than its whole.

    Coverage goes on being judged by what holds. That it holds does not make it right: who wrote the files knows.
    """
    return [_contradictions_of(source) for source in sources]


def _contradictions_of(source: str) -> Suite:
    return Suite(
        name=f"contradictions_{source}",
        clause="witnesses",
        severity="warning",
        relation=RELATION,
        measurement=_measurement(source),
        keys=("period_start", "slice_kind", "slice", "contradiction", "expected", "stated_by", "other_expected",
              "other_by", "apart"),
        expectations=_expectations,
        bound="no stated count contradicts another",
        limit=0.0,
        may_be_empty=True,
        when_silent=f"No two counts stated of {source} contradict each other.",
        remedy=(
            f"Ask who states the counts of {source} which one is right, and put one more expected.csv that states "
            "it beside the others; a count that a second file repeats is settled."
        ),
        tell=lambda row: f"{source}, {_sentence(row)}",
    )  # fmt: skip


def _measurement(source: str) -> str:
    return f"""\
select
    day as period_start,
    slice_kind,
    slice,
    contradiction,
    expected,
    stated_by,
    other_expected,
    other_by,
    abs(expected - other_expected) as apart

from {RELATION}
where source = {literal(source)}
order by
    apart desc,
    day,
    slice_kind,
    slice
"""


def _expectations() -> list[Expectation]:
    from great_expectations import expectations as gxe

    return [
        there_are_rows(),
        gxe.ExpectColumnValuesToBeBetween(
            column="apart", max_value=0, description="no stated count contradicts another"
        ),
    ]


def _sentence(row: Row) -> str:
    kind, day = row["slice_kind"], row["period_start"][:10]
    named = f"{kind} {row['slice']}" if row["slice"] else f"by {kind}"
    here = f"of {named}" if row["slice"] else named
    if row["contradiction"] == "two files":
        whose = named if kind else "all conversations"
        return (
            f"{whose}, {day}: {row['stated_by']} states {row['expected']:,.0f}, where"
            f" {row['other_by']} stated {row['other_expected']:,.0f} before. The later one holds."
        )
    if row["stated_by"] == row["other_by"]:
        return (
            f"{named}, {day}: {row['stated_by']} contradicts itself. It states {row['expected']:,.0f} {here}, and"
            f" {row['other_expected']:,.0f} of all conversations."
        )
    return (
        f"{named}, {day}: {row['stated_by']} states {row['expected']:,.0f} {here}, {row['other_by']} states"
        f" {row['other_expected']:,.0f} of all conversations."
    )

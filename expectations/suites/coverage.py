"""Coverage: of the conversations expected from a source, how many arrived, slice by slice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from expectations.suite import Row, Suite, is_measured, literal, there_are_rows

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation


def coverage(bounds: Mapping[str, float]) -> list[Suite]:
    """
    One suite per source: every measured slice accounts for more than its bound, and at most all.

    `bounds` maps each source to the share (0-1) that its coverage must exceed; equal to the bound
    fails. A slice nobody stated a count for is not measured and not judged; one of which none were expected
    fails by whatever was loaded.
    """
    return [_coverage_of(source, above) for source, above in bounds.items()]


def _coverage_of(source: str, above: float) -> Suite:
    return Suite(
        name=f"coverage_{source}",
        clause="coverage",
        severity="warning",
        relation="marts.coverage_judged",
        measurement=_measurement(source),
        keys=("period_start", "period_kind", "slice_kind", "slice", "expected", "loaded"),
        expectations=lambda: _expectations(above),
        bound=f"above {above:g}, at most 1",
        limit=above,
        when_silent=f"No expected counts are stated for {source}, so its coverage is not measured.",
        remedy=(
            f"Ask the owner of {source} for the missing export, load it, and run again; where more "
            "arrived than was expected, correct the expected counts."
        ),
        tell=lambda row: f"{source}, {_sentence(row, above)}",
    )


def _measurement(source: str) -> str:
    return f"""\
select
    period_start,
    period_kind,
    slice_kind,
    slice,
    expected,
    loaded,
    coverage,
    -- of none expected there is no share: whatever was loaded is too much
    case when expected = 0 then loaded else expected * 0 end as loaded_of_none,
    coalesce(coverage, loaded_of_none) as judged_by

from marts.coverage_judged
where source = {literal(source)}
order by
    abs(expected - loaded) desc,
    period_start,
    slice_kind,
    slice
"""


def _expectations(above: float) -> list[Expectation]:
    from great_expectations import expectations as gxe

    return [
        there_are_rows(),
        is_measured("judged_by"),
        gxe.ExpectColumnValuesToBeBetween(
            column="coverage",
            min_value=above,
            strict_min=True,
            max_value=1,
            description=f"coverage of every measured slice is above {above:g} and at most 1",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="loaded_of_none",
            max_value=0,
            description="nothing was loaded where none were expected",
        ),
    ]


def _sentence(row: Row, above: float) -> str:
    named = f"{row['slice_kind']} {row['slice']}" if row["slice_kind"] else "all conversations"
    when = f"{'week of ' if row['period_kind'] == 'week' else ''}{row['period_start']}"
    if not row["expected"] and row["loaded"]:
        return f"{named}, {when}: {row['loaded']:,.0f} loaded where none were expected."
    counted = f"{row['loaded']:,.0f} of {row['expected']:,.0f} expected conversations loaded"
    if not row["loaded"]:
        return f"{named}, {when}: missing, {counted}."
    if row["coverage"] > 1:
        return f"{named}, {when}: more than expected, {counted}."
    return f"{named}, {when}: {counted}, {row['coverage']:.4g}, not above {above:g}."

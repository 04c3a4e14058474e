"""Witnesses: what a source's past, its ids and a second export say of the conversations that should be there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from expectations.suite import Row, Suite, is_measured, literal, there_are_rows

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

RELATION = "marts.coverage_witnesses"

STATED = {"manifest": "expected.csv states", "declared": "control totals declare"}
"""Each witness that states one count, and how a sentence says so."""

INTERVALS = {"history": "history", "ids": "ids", "two exports": "exports"}
"""Each witness that tells an interval, and how its two columns begin."""

COLUMNS = ",\n    ".join(
    f"max(expected_{end}) filter (witness = '{witness}') as {name}_{end}"
    for witness, name in INTERVALS.items()
    for end in ("low", "high")
)

STATED_COLUMNS = ",\n    ".join(
    f"max(expected) filter (witness = '{witness}') as {witness}" for witness in STATED
)

IS_STATED = f"witness in ({', '.join(map(repr, STATED))})"


def witnesses(bounds: Mapping[str, float]) -> list[Suite]:
    """
    One suite per source: of what any witness expects at the least, more than the bound was loaded.

    `bounds` maps each source to the share (0-1) that its coverage must exceed. Counts that somebody states are
    judged by the suite of coverage; here they are heard beside the others. Where witnesses contradict each other
    by more than the bound, none is believed over another: that they do is what fails. More than a witness expects
    at the most contradicts nobody once it is loaded: what surges is there.
    """
    return [_witnesses_of(source, above) for source, above in bounds.items()]


def _witnesses_of(source: str, above: float) -> Suite:
    return Suite(
        name=f"witnesses_{source}",
        clause="witnesses",
        severity="warning",
        relation=RELATION,
        measurement=_measurement(source),
        keys=(
            "period_start", "period_kind", "slice_kind", "slice", "loaded", *STATED,
            *(f"{name}_{end}" for name in INTERVALS.values() for end in ("low", "high")), "agreement",
        ),
        expectations=lambda: _expectations(above),
        bound=f"at best above {above:g}",
        limit=above,
        when_silent=(
            f"Nothing but stated counts tells how many conversations of {source} to expect: its history is "
            "short, its ids leave gaps of their own, and no day of it came twice."
        ),
        remedy=(
            f"Ask the owner of {source} what became of the named conversations, load what is missing, and run "
            "again; where a witness errs (a queue was closed, a count misstated), correct what it goes by."
        ),
        tell=lambda row: f"{source}, {_sentence(row, above)}",
    )  # fmt: skip


def _measurement(source: str) -> str:
    return f"""\
select
    period_start,
    period_kind,
    slice_kind,
    slice,
    min(loaded) as loaded,
    {STATED_COLUMNS},
    {COLUMNS},
    -- what the lowest of them grants at most, of what the highest asks at least; what is loaded nobody can deny
    least(
        greatest(min(expected_high), min(loaded)) / max(nullif(expected_low, 0)),
        -- of two counts that are stated both cannot be right, whatever is loaded
        min(expected) filter ({IS_STATED}) / nullif(max(expected) filter ({IS_STATED}), 0)
    ) as agreement,
    least(min(coverage_high) filter (not {IS_STATED}), agreement) as coverage_at_best

from {RELATION}
where source = {literal(source)}
group by
    period_start,
    period_kind,
    slice_kind,
    slice
having bool_or(not {IS_STATED}) or count(*) > 1
order by
    max(expected_low) - min(loaded) desc,
    period_start,
    period_kind,
    slice_kind,
    slice
"""


def _expectations(above: float) -> list[Expectation]:
    from great_expectations import expectations as gxe

    return [
        there_are_rows(),
        is_measured("coverage_at_best"),
        gxe.ExpectColumnValuesToBeBetween(
            column="coverage_at_best",
            min_value=above,
            strict_min=True,
            description=f"of what any witness expects at the least, more than {above:g} was loaded",
        ),
    ]


def _sentence(row: Row, above: float) -> str:
    when = f"{'week of ' if row['period_kind'] == 'week' else ''}{row['period_start'][:10]}"
    named = f"{row['slice_kind']} {row['slice']}" if row["slice_kind"] else "all conversations"
    said = [
        f"{says} {row[witness]:,.0f}"
        for witness, says in STATED.items()
        if row[witness] is not None
    ]
    said += [
        f"{witness} expect{'' if witness.endswith('s') else 's'}"
        f" {row[f'{name}_low']:,.0f} to {row[f'{name}_high']:,.0f}"
        for witness, name in INTERVALS.items()
        if row[f"{name}_low"] is not None
    ]
    if row["exports_low"] is not None:
        said[-1] += ", had each lost its own by chance"
    loaded = f"{row['loaded']:,.0f} loaded"
    if row["agreement"] is not None and row["agreement"] <= above:
        return f"{named}, {when}: witnesses contradict each other, {loaded}; {', '.join(said)}."
    if not row["loaded"]:
        return f"{named}, {when}: missing, none loaded; {', '.join(said)}."
    return f"{named}, {when}: {loaded}; {', '.join(said)}."

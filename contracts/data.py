"""Where a metric's records come from, how complete they must be, and how far their fields may move."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.clause import Clause, Count, Number, Share, at_least, said

GRACE_HOURS = 24
"""Hours after its end until a period is complete, where a contract does not say."""

LATE_HOURS = 48
"""Hours a period may be late beyond that: what is exported over a weekend comes on Monday."""

LAUNCH_COVERAGE = 0.95
"""No metric is launched unless its coverage is above this share; a contract may ask for more."""


LEAST_OF_SLICE = 10
"""Conversations expected of a slice below which it may be missing by chance."""


class Coverage(Clause):
    """Of the conversations expected, how many the metric must account for."""

    above: Annotated[
        Share, at_least(LAUNCH_COVERAGE, "no metric is launched unless its coverage is above 95 %")
    ] = said("the share that coverage must exceed", 0.95)
    least_of_slice: Annotated[Count, Field(ge=1)] = said(
        "conversations expected of a queue, day, language, channel or segment from which on it may not be missing",
        LEAST_OF_SLICE,
        default=LEAST_OF_SLICE,
    )


class FieldBounds(Clause):
    """How far a locked field may move from one export to the next before somebody must look."""

    null_share: Share = said("the rise in its share without a value", 0.2, default=0.2)
    new_values: Share = said("the share of values that no export had before", 0.01, default=0.01)
    other_types: Share = said("the share of values of another type", 0.05, default=0.05)
    scale: Annotated[Number, Field(gt=1)] = said(
        "how many times larger or smaller its quartiles may become", 4, default=4.0
    )
    records: Annotated[Count, Field(ge=1)] = said(
        "records from which shares and quartiles are compared", 20, default=20
    )
    least: Annotated[Count, Field(ge=1)] = said(
        "records that must show a value or type before it counts", 3, default=3
    )
    known_from: Annotated[Count, Field(ge=1)] = said(
        "records from which all values of a set are taken to be known", 10_000, default=10_000
    )


class Data(Clause):
    """Where the records come from, and which of their fields may not change unnoticed."""

    system: str | tuple[str, ...] = said("the source, or a list of them", "zendesk")
    ingestion: str = said("how records arrive", "JSON export")
    refresh: str = said("when they arrive", "Every morning at five, UTC.")
    locked_fields: dict[str, dict[str, str]] = said(
        "source.table, its fields and their types",
        {"zendesk.tickets": {"id": "varchar"}},
        min_length=1,
    )
    field_bounds: FieldBounds = said(
        "how far a locked field may move", {"null_share": 0.2}, default=FieldBounds()
    )
    may_be_absent: tuple[str, ...] = said(
        "locked tables without which the number is right all the same, since another says what they would",
        ["zendesk.metric_events"],
        default=(),
    )
    excluded_fields: tuple[str, ...] = said("what may not enter", ["private comments"])
    grace_hours: Annotated[Count, Field(ge=0)] = said(
        "hours after its end until a period is complete", GRACE_HOURS
    )
    late_hours: Annotated[Count, Field(ge=0)] = said(
        "hours after its grace until a period that is not there makes the metric stale",
        LATE_HOURS,
        default=LATE_HOURS,
    )
    coverage: Coverage = said("the bound on coverage", {"above": 0.95})

    @property
    def systems(self) -> tuple[str, ...]:
        """The sources, one or several."""
        return (self.system,) if isinstance(self.system, str) else self.system

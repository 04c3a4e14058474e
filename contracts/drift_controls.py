"""What may change under a metric before somebody must look."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Annotated, Literal

from pydantic import Field, model_validator

from contracts.clause import Clause, Count, Number, Share, said

Above = Annotated[Number, Field(gt=0)]


class Bounds(Clause):
    """
    How far what the metric counts may drift from its baseline: see macros/metric_drift.sql.

    A mix is bounded by its population stability index. What is not written has the default said here; null is no
    bound.
    """

    driver_mix: Above | None = said("index of drivers", 0.2, default=None)
    segment_mix: Above | None = said("index of segments", 0.2, default=None)
    canonical_tag_mix: Above | None = said("index of canonical tags", 0.2, default=0.2)
    channel_mix: Above | None = said("index of channels", 0.2, default=0.2)
    hour_mix: Above | None = said("index of hours of the day", 0.2, default=0.2)
    language_mix: Above | None = said("index of languages", 0.2, default=0.2)
    label_mix: Above | None = said("index of the signal's values", 0.2, default=0.2)
    confidence_mix: Above | None = said("index of the signal's confidence", 0.2, default=0.2)
    member_shift: Share | None = said("change of one member's share", 0.03, default=0.03)
    unmapped_share: Share | None = said("share without a known tag", 0.1, default=None)
    volume: Share | None = said("share that volume may fall short or be over", 0.5, default=0.5)
    creep: Share | None = said("slow change of a share, in points", 0.05, default=0.05)
    value_creep: Above | None = said("slow change of another value", 0.25, default=0.25)

    def in_words(self) -> str:
        """All of them, mixes of one bound together."""
        bounds: Mapping[str, float] = self.model_dump(exclude_none=True)
        mixes = {name: bound for name, bound in bounds.items() if name.endswith("_mix")}
        told = [
            f"mix by {', '.join(name.removesuffix('_mix') for name in names)} {bound:g}"
            for bound, names in groupby(mixes, key=mixes.__getitem__)
        ]
        told += [f"{name} {bound:g}" for name, bound in bounds.items() if name not in mixes]
        return "; ".join(told)

    @model_validator(mode="after")
    def _bounds_something(self) -> Bounds:
        if not self.model_fields_set:
            names = ", ".join(type(self).model_fields)
            raise ValueError(f"is empty: write at least one of {names}, as in driver_mix: 0.2.")
        return self


class DriftControls(Clause):
    """What may change under the metric before somebody must look."""

    bounds: Bounds = said("how far it may drift", {"driver_mix": 0.2})
    baseline: Annotated[Count, Field(ge=1, le=52)] = said(
        "complete periods before, which drift is told against", 4, default=4
    )
    baseline_kind: Literal["previous", "published"] = said(
        "which periods those are: the ones before each, or, since its launch, the ones before that",
        "previous",
        default="previous",
    )
    min_conversations: Annotated[Count, Field(ge=10)] = said(
        "conversations a period below which drift is not measured", 200, default=200
    )
    standard_errors: Annotated[Number, Field(ge=2)] = said(
        "errors of its own a change must exceed, or it is chance", 3, default=3
    )
    new_version_above: Share = said("share of its conversations that an edit may touch", 0.10)

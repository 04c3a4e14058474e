"""What became of a harm: noticed by a clause of the metric it reached, or by none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """
    One harm, and one metric that it reaches.

    `noticed_by` is the clause of the metric whose finding names the place; null is a survivor. `finding` is what
    that clause says, or of a survivor why nothing noticed it.
    """

    metric: str
    version: str
    kind: str
    place: str
    noticed_by: str | None
    finding: str

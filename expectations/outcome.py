"""What judging a suite came to: passed, failed, or not measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from expectations.suite import Severity


@dataclass(frozen=True)
class Outcome:
    """
    One judged clause, or one slice of it that failed.

    A suite that passes or cannot be measured has one outcome; a suite that fails has one for
    each broken expectation, or for each failing slice. `passed` is None exactly when
    `is_measured` is False. `measured` is the slice's measurement where slices are judged, and the
    number of failing rows elsewhere; `bound` is for people, `limit` its number; `file` declares what is
    judged. `examples` are the keys of at most 20 failing rows. `blocks` says that nothing may be published on it;
    `is_allowed` that there was nothing to judge and need not be.
    """

    suite: str
    clause: str
    severity: Severity
    relation: str
    is_measured: bool
    passed: bool | None
    detail: str
    remedy: str
    blocks: bool
    owner: str | None = None
    file: str | None = None
    metric: str | None = None
    version: str | None = None
    measured: float | None = None
    bound: str | None = None
    limit: float | None = None
    period_start: date | None = None
    slice: str | None = None
    unexpected_count: int = 0
    is_allowed: bool = False
    examples: list[Mapping[str, Any]] = field(default_factory=list)

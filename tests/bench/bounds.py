"""The promises about speed and size, each judged on medians."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

from .cases import FIXED_CONVERSATIONS, Results
from .measuring import Measured

FLOOR_FACTOR = 1.5
FIXED_SECONDS = 20.0
PEAK_MB = 2048.0
"""Memory of the whole process tree during a full run."""

EIGHT_FILES_FACTOR = 1.3
HALF_MEMORY_FACTOR = 1.1
NOTHING_NEW_SECONDS = 20.0
DAY_AFTER_SHARE = 0.2
"""Of a full run, both after the fixed part, for 1 % new and 0.5 % updated conversations."""

LINEAR_FACTOR = 1.1
"""How much more than its share a ten times larger export may cost."""

SERVING_SECONDS = 30.0


@dataclass(frozen=True)
class Judged:
    """A promise, what it allows and what was measured, both in `unit`."""

    promise: str
    allowed: float
    measured: float
    unit: str = "s"

    @property
    def verdict(self) -> str:
        if self.measured <= self.allowed:
            return "PASS"
        over = self.measured - self.allowed
        return (
            f"short by {over:,.1f} {self.unit}"
            if self.unit == "s"
            else f"short by {over:,.0f} {self.unit}"
        )


def middle(results: Results, case: str, size: int, of: Callable[[Measured], float]) -> float | None:
    """The median over a case's runs; None where it was not run."""
    runs = results.runs.get((case, size))
    return median(of(run) for run in runs) if runs else None


def judge(results: Results) -> Iterator[Judged]:
    """Every promise that these results can speak to."""
    fixed = _wall(results, "product", FIXED_CONVERSATIONS)
    yield Judged(f"{FIXED_CONVERSATIONS} conversations: the fixed part", FIXED_SECONDS, fixed)
    for size in results.sizes:
        yield from _of_size(results, size, fixed)
    for smaller, larger in zip(results.sizes, results.sizes[1:], strict=False):
        grown = larger / smaller * LINEAR_FACTOR
        small, large = (_wall(results, "product", size) for size in (smaller, larger))
        promise = f"{larger:,} within {grown:g} × {smaller:,}, after the fixed part"
        yield Judged(promise, fixed + grown * (small - fixed), large)
    yield Judged("dagster dev serves the graph", SERVING_SECONDS, median(results.serving_seconds))


def _of_size(results: Results, size: int, fixed: float) -> Iterator[Judged]:
    full, floor = _wall(results, "product", size), _wall(results, "floor", size)
    peak = middle(results, "product", size, lambda run: max(run.tree_mb, run.process_mb))
    yield Judged(
        f"{size:,}: {FLOOR_FACTOR:g} × floor + {FIXED_SECONDS:g} s",
        FLOOR_FACTOR * floor + FIXED_SECONDS,
        full,
    )
    differing = sum(results.differing[size].values())
    yield Judged(f"{size:,}: the floor's marts are the product's", 0, differing, "rows")
    yield Judged(f"{size:,}: peak memory of a full run", PEAK_MB, peak or 0.0, "MB")
    if obvious := middle(results, "obvious", size, lambda run: run.wall_seconds):
        yield Judged(f"{size:,}: ahead of the obvious dbt-duckdb project", obvious, full)
    yield Judged(
        f"{size:,}: eight files within {EIGHT_FILES_FACTOR:g} × one file",
        EIGHT_FILES_FACTOR * full,
        _wall(results, "eight files", size),
    )
    yield Judged(
        f"{size:,}: 512 MB of memory within {HALF_MEMORY_FACTOR:g} × 1 GB",
        HALF_MEMORY_FACTOR * full,
        _wall(results, "half memory", size),
    )
    yield Judged(
        f"{size:,}: a run with nothing new",
        NOTHING_NEW_SECONDS,
        _wall(results, "nothing new", size),
    )
    yield Judged(
        f"{size:,}: the day after within {DAY_AFTER_SHARE:.0%} of a full run, after the fixed part",
        fixed + DAY_AFTER_SHARE * (full - fixed),
        _wall(results, "day after", size),
    )


def _wall(results: Results, case: str, size: int) -> float:
    found = middle(results, case, size, lambda run: run.wall_seconds)
    assert found is not None, f"{case} at {size} was not run"
    return found

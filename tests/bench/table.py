"""The results as Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from statistics import median

import duckdb

from .bounds import judge, middle
from .cases import FIXED_CONVERSATIONS, Results

CASES = {
    "product": "full run",
    "eight files": "full run, eight files",
    "half memory": "full run, 512 MB",
    "nothing new": "second run, nothing new",
    "day after": "day after: 1 % new, 0.5 % updated",
    "obvious": "the obvious dbt-duckdb project",
}


def report(results: Results, rounds: int) -> str:
    """All that was measured and judged, as one Markdown text."""
    machine = f"{os.cpu_count()} cores, {platform.system()}, DuckDB {duckdb.__version__}"
    parts = [
        f"Medians of {rounds}, whole processes, product and floor interleaved; {machine}.",
        _costs(results),
        _promises(results),
        _agreement(results),
        _stages(results),
    ]
    return "\n\n".join(parts) + "\n"


def _costs(results: Results) -> str:
    fixed = middle(results, "product", FIXED_CONVERSATIONS, lambda run: run.wall_seconds) or 0.0
    header = (
        "case", "conversations", "product s", "floor s", "(product - fixed) / floor",
        "product CPU s", "floor CPU s", "peak MB, all processes", "peak MB, largest", "floor peak MB",
    )  # fmt: skip
    rows = [
        _cost(results, case, size, fixed)
        for size in (FIXED_CONVERSATIONS, *results.sizes)
        for case in CASES
        if (case, size) in results.runs
    ]
    return _table(header, rows)


def _cost(results: Results, case: str, size: int, fixed: float) -> tuple[str, ...]:
    def of(name: str, attribute: str) -> float | None:
        return middle(results, name, size, lambda run: float(getattr(run, attribute)))

    # the floor knows no increments: it stands beside full runs only
    beside = "floor" if case in ("product", "eight files", "half memory", "obvious") else "none"
    wall, floor = of(case, "wall_seconds"), of(beside, "wall_seconds")
    started = 0.0 if case == "obvious" else fixed
    ratio = (wall - started) / floor if wall and floor and size != FIXED_CONVERSATIONS else None
    return (
        CASES[case],
        f"{size:,}",
        _number(wall),
        _number(floor),
        _number(ratio, 2),
        _number(of(case, "cpu_seconds")),
        _number(of(beside, "cpu_seconds")),
        _number(of(case, "tree_mb"), 0),
        _number(of(case, "process_mb"), 0),
        _number(of(beside, "process_mb"), 0),
    )


def _promises(results: Results) -> str:
    rows = [
        (each.promise, _amount(each.allowed, each.unit), _amount(each.measured, each.unit), each.verdict)
        for each in judge(results)
    ]  # fmt: skip
    return _table(("promise", "allowed", "measured", "verdict"), rows)


def _amount(value: float, unit: str) -> str:
    return f"{value:,.1f} s" if unit == "s" else f"{value:,.0f} {unit}"


def _agreement(results: Results) -> str:
    lines = []
    for size, differing in results.differing.items():
        unequal = {mart: rows for mart, rows in differing.items() if rows}
        counted = ", ".join(f"{mart} {results.rows[size][mart]:,}" for mart in differing)
        verdict = (
            "; ".join(f"{mart} differs in {rows:,} rows" for mart, rows in unequal.items())
            if unequal
            else f"all {len(differing)} marts of the floor equal the product's, row for row"
        )
        lines.append(f"{size:,}: {verdict} ({counted}).")
    return "\n".join(lines)


def _stages(results: Results) -> str:
    rows = [
        (case, f"{size:,}", _medians(results.stages(case, size)))
        for size in results.sizes
        for case in ("product", "floor", "day after", "nothing new")
    ]
    return _table(("wall s by stage", "conversations", "as the run itself tells"), rows)


def _medians(runs: Iterable[dict[str, float]]) -> str:
    listed = list(runs)
    names = listed[0] if listed else {}
    return ", ".join(f"{name} {median(run.get(name, 0.0) for run in listed):.1f}" for name in names)


def _number(value: float | None, digits: int = 1) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def lines() -> Iterator[str]:
        yield " | ".join(header)
        yield " | ".join("---" for _ in header)
        for row in rows:
            yield " | ".join(row)

    return "\n".join(f"| {line} |" for line in lines())

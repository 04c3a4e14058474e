"""What is measured, in which order: product and floor take turns, so that a busy minute meets both."""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from . import agreement, serving, worlds
from .contenders import Contenders
from .measuring import Measured
from .worlds import tell

FIXED_CONVERSATIONS = 100
"""So few that what remains is starting up."""

PRODUCT_STAGE = re.compile(r"^(\w+) done in ([\d.]+) s", re.MULTILINE)
FLOOR_STAGE = re.compile(r"^(\w+) +([\d.]+) s +[\d.]+ s CPU", re.MULTILINE)


@dataclass
class Results:
    """
    Every run by (case, conversations), and what was found beside.

    Cases: product, floor, eight files, half memory, nothing new, day after, obvious.
    """

    sizes: tuple[int, ...]
    runs: dict[tuple[str, int], list[Measured]] = field(default_factory=lambda: defaultdict(list))
    serving_seconds: list[float] = field(default_factory=list)
    differing: dict[int, Mapping[str, int]] = field(default_factory=dict)
    rows: dict[int, Mapping[str, int]] = field(default_factory=dict)

    def stages(self, case: str, conversations: int) -> list[dict[str, float]]:
        """Wall seconds by stage, one per run, as the contender itself told them."""
        pattern = FLOOR_STAGE if case == "floor" else PRODUCT_STAGE
        return [
            {name: float(seconds) for name, seconds in pattern.findall(run.output)}
            for run in self.runs[case, conversations]
        ]


def run_all(root: Path, sizes: tuple[int, ...], rounds: int) -> Results:
    """
    Run every case `rounds` times below `root`; the obvious project once, at the smallest size.

    Raises RunError when any of them ends with an error.
    """
    results = Results(sizes)
    contenders = Contenders(root)
    tiny = worlds.world(root, FIXED_CONVERSATIONS)
    tell("one run that is not counted, so that nothing is compiled or parsed for the first time")
    contenders.forget()
    contenders.product(tiny, "warming up")
    for number in range(1, rounds + 1):
        _fixed(results, contenders, tiny, number)
    for size in sizes:
        whole, cut = worlds.world(root, size), worlds.world(root, size, worlds.FILES)
        day = worlds.day_after(root, size)
        for folder in (whole, cut, day):
            worlds.warm(folder)
        for number in range(1, rounds + 1):
            _round(results, contenders, (whole, cut, day), size, number)
        if size == min(sizes):
            _keep(results, "obvious", size, contenders.obvious(whole, f"obvious {size}"))
    return results


def _fixed(results: Results, contenders: Contenders, tiny: Path, number: int) -> None:
    size = FIXED_CONVERSATIONS
    contenders.forget()
    _keep(results, "product", size, contenders.product(tiny, f"product {size} round {number}"))
    _keep(results, "floor", size, contenders.floor(tiny, f"floor {size} round {number}"))
    log = contenders.root / "logs" / f"dagster-dev-{number}.log"
    results.serving_seconds.append(serving.seconds_until_served(contenders.data, log))
    tell(f"dagster dev: {results.serving_seconds[-1]:.1f} s")


def _round(
    results: Results,
    contenders: Contenders,
    folders: tuple[Path, Path, Path],
    size: int,
    number: int,
) -> None:
    whole, cut, day = folders
    ending = f"{size} round {number}"
    # a folder of its own, because the day after is put into it
    exports = contenders.root / "exports"
    shutil.rmtree(exports, ignore_errors=True)
    worlds.link(whole, exports)
    contenders.forget()
    _keep(results, "product", size, contenders.product(exports, f"product {ending}"))
    _keep(results, "floor", size, contenders.floor(exports, f"floor {ending}"))
    if size not in results.differing:
        _compare(results, contenders, size)
    _keep(results, "nothing new", size, contenders.product(exports, f"nothing new {ending}"))
    worlds.link(day, exports)
    _keep(results, "day after", size, contenders.product(exports, f"day after {ending}"))
    contenders.forget()
    _keep(results, "eight files", size, contenders.product(cut, f"eight files {ending}"))
    contenders.forget()
    half = contenders.product(whole, f"half memory {ending}", memory="512MB")
    _keep(results, "half memory", size, half)


def _compare(results: Results, contenders: Contenders, size: int) -> None:
    results.differing[size] = agreement.differing_rows(
        contenders.floor_marts, contenders.product_marts
    )
    results.rows[size] = agreement.mart_rows(contenders.product_marts)


def _keep(results: Results, case: str, size: int, run: Measured) -> None:
    results.runs[case, size].append(run)
    tell(
        f"{case}, {size:,}: {run.wall_seconds:.1f} s wall, {run.cpu_seconds:.1f} s CPU,"
        f" {run.tree_mb:,.0f} MB"
    )

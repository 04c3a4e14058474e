"""Worlds in which nothing is wrong: how many of them alarm anybody."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from ..measuring import RunError
from ..worlds import tell
from .proof import Asked, Proof
from .reviewed import next_day, said, world

CONVERSATIONS = 20_000
"""Below this nothing has conversations enough a period for its drift to be measured."""

QUICK_CONVERSATIONS = 3_000
NEXT_DAY = 50, 4
"""
Conversations that are new the day after, and those that are opened again: as many as any other day of 395 has. Of
more the rate of reopened ones would rise, and rightly be told.
"""

FIRST_SEED = 1001
"""No test and no demo has a world of these seeds: no check was written by looking at one."""

ALARMING_SHARE = 1 / 50

AT_ONCE = 2
"""A run takes a gigabyte."""

STATES = ("passed", "failed", "not measured")

OVERDUE = "freshness"
"""Traffic ends on a day that is long past, so every metric is late, and rightly told to be. Of all else nothing is
left out: what the generator can plant is planted where it is asked for (`--plant`), and here it is not."""


@dataclass(frozen=True)
class Rerun:
    """How the last run of a world was judged: its checks by clause and state, and a line for each alarm."""

    seed: int
    states: Counter[tuple[str, str]]
    alarms: tuple[str, ...]


def proofs(asked: Asked) -> Iterator[Proof]:
    """The worlds that alarm, with every alarm; and by clause how much of it was judged: silence is not a pass."""
    size = QUICK_CONVERSATIONS if asked.is_quick else CONVERSATIONS
    tell(f"reruns: {asked.reruns} worlds of {size:,}, seeds from {FIRST_SEED}")
    reruns = sorted(_all(asked, size), key=lambda each: each.seed)
    alarming = [each for each in reruns if each.alarms]
    states = sum((each.states for each in reruns), Counter())
    yield Proof(
        f"clean worlds of {size:,} that alarm",
        f"{len(alarming)} of {len(reruns)}",
        "at most 1 of 50",
        # where nothing passed nothing was judged
        any(state == "passed" for _, state in states)
        and len(alarming) <= ALARMING_SHARE * len(reruns),
        tuple(f"seed {each.seed}: {alarm}" for each in alarming for alarm in each.alarms),
    )
    for clause in sorted({clause for clause, _ in states}):
        of_clause = ((state, states[clause, state]) for state in STATES)
        told = ", ".join(f"{many:,} {state}" for state, many in of_clause if many)
        yield Proof(f"  {clause}", told)


def _all(asked: Asked, size: int) -> Iterator[Rerun]:
    # processes, not threads: each starts the product from a server of its own
    spawned = multiprocessing.get_context("spawn")
    workers = min(AT_ONCE, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=spawned) as pool:
        seeds = range(FIRST_SEED, FIRST_SEED + asked.reruns)
        started = [pool.submit(_rerun, asked.root / f"rerun-{seed}", size, seed) for seed in seeds]
        for number, done in enumerate(as_completed(started), start=1):
            found = done.result()
            tell(f"reruns: {number} of {len(seeds)}, seed {found.seed}: {len(found.alarms)} alarms")
            yield found


def _rerun(folder: Path, size: int, seed: int) -> Rerun:
    try:
        data = world(folder, size, seed)
        next_day(data, size, seed, *NEXT_DAY)
        checks = json.loads(said("checks", "--json", data=data))
    except (RunError, TimeoutError) as error:
        # a build that is not published alarms more than any check
        return Rerun(seed, Counter(), (str(error),))
    found = judged(seed, checks)
    if not found.alarms:
        shutil.rmtree(folder)
    return found


def judged(seed: int, checks: Sequence[Mapping[str, str | None]]) -> Rerun:
    """What the checks of a world come to, as `assay checks --json` lists them."""
    asked = [each for each in checks if each["clause"] != OVERDUE]
    alarms = tuple(_told(each) for each in asked if each["state"] == "failed")
    return Rerun(seed, Counter((str(each["clause"]), str(each["state"])) for each in asked), alarms)


def _told(check: Mapping[str, str | None]) -> str:
    of = check["metric"] or check["suite"]
    slice_ = f" ({check['slice']})" if check["slice"] else ""
    return f"{of}, {check['clause']}{slice_}: {check['detail']}"

"""What a slice's history expects holds the true count as often as it says, of thin slices and of thick."""

from __future__ import annotations

from math import erfc, sqrt

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml
from coverage_world import PROJECT

from contracts.macros import macros

SLICES, PERIODS = 500, 150

LEVELS = {"thin": 16, "small": 30, "middling": 150, "thick": 1500}
"""Conversations a period; of fewer than fifteen history says nothing."""

VARIABLES = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]


def outside(
    kind: str, level: int, deviations: float, floor: float, beyond_chance: float = 0
) -> tuple[int, int]:
    """
    Of slices that stay as they are, the periods that history speaks of, and those outside what it expects.

    `beyond_chance`: by what share of its level a slice wavers besides, every period anew.
    """
    chance = np.random.default_rng([level, int(10 * deviations)])
    wavering = np.exp(chance.normal(0, beyond_chance, (SLICES, PERIODS)))
    days = np.arange(PERIODS) * (1 if kind == "day" else 7)
    # DuckDB finds it by its name in the query
    volumes = pd.DataFrame(  # noqa: F841
        {
            "source": "desk",
            "period_kind": kind,
            "period_start": np.tile(np.datetime64("2024-01-01") + days, SLICES),
            "slice_kind": "queue",
            "slice": np.repeat(np.arange(SLICES), PERIODS),
            "loaded": chance.poisson(level * wavering).ravel(),
            "is_usual": True,
        }
    )
    witness = macros("history_witness").default__history_witness("volumes", deviations, floor)
    ((judged, found),) = duckdb.execute(
        "with volumes as (select * replace (period_start::date as period_start) from volumes)"
        " select count(*), count(*) filter (loaded not between expected_low and expected_high)"
        f" from ({witness}) where period_start >= date '2024-01-01' + {int(days[PERIODS // 2])}"
    ).fetchall()
    return judged, found


@pytest.mark.parametrize("kind", ["day", "week"])
@pytest.mark.parametrize("level", LEVELS.values(), ids=LEVELS)
@pytest.mark.parametrize("deviations", [2, 3])
def test_an_interval_of_some_deviations_holds_all_but_that_share_of_counts(kind, level, deviations):
    """
    Without the floor, which widens it: of two deviations at most 4.55 % may be outside, of three 0.27 %.
    """
    judged, found = outside(kind, level, deviations, floor=1)
    assert judged > 30_000
    # and it is no wider than it has to be, or nothing would ever be outside
    assert 0.2 <= (found / judged) / erfc(deviations / sqrt(2)) <= 1


@pytest.mark.parametrize("kind", ["day", "week"])
@pytest.mark.parametrize("level", LEVELS.values(), ids=LEVELS)
@pytest.mark.parametrize("beyond_chance", [0, 0.08])
def test_the_interval_that_is_judged_holds_every_count_of_slices_that_stay_as_they_are(
    kind, level, beyond_chance
):
    """
    Of the deviations and the floor that the project sets, of a million counts none should be outside.
    """
    judged, found = outside(
        kind, level, VARIABLES["witness_deviations"], VARIABLES["history_floor"], beyond_chance
    )
    assert judged > 5_000
    assert found == 0

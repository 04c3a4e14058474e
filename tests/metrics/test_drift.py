"""Drift: what moved is found, named and dated; what only wavers is not told."""

from __future__ import annotations

from datetime import timedelta
from math import log, log2, sqrt

import numpy as np
import pytest
from drift_world import FIRST, Counts, steady


def test_a_mix_has_the_index_and_the_distance_that_the_formulas_give():
    counts = steady(driver={"a": 500, "b": 300, "c": 200})
    counts.period("m", 4, driver={"a": 250, "b": 450, "c": 300})
    before, after = (0.5, 0.3, 0.2), (0.25, 0.45, 0.3)
    found = counts.found("m", 4, "driver_mix")
    assert found["measured"] == pytest.approx(
        sum((q - p) * log(q / p) for p, q in zip(before, after, strict=True))
    )
    halves = [(p, q, (p + q) / 2) for p, q in zip(before, after, strict=True)]
    assert found["js"] == pytest.approx(
        sqrt(sum(p * log2(p / m) + q * log2(q / m) for p, q, m in halves) / 2)
    )
    assert (found["slice"], found["baseline"], found["current"]) == ("a", 0.5, 0.25)
    assert found["counterpart"] == "b"
    assert (found["conversations"], found["baseline_conversations"]) == (1000, 4000)


def test_mixes_with_nothing_in_common_are_at_distance_one_and_the_same_at_none():
    counts = steady(5, driver={"a": 500, "b": 500})
    assert counts.found("m", 4, "driver_mix")["measured"] == 0
    assert counts.found("m", 4, "driver_mix")["js"] == 0
    counts.period("m", 5, driver={"c": 400, "d": 600})
    assert counts.found("m", 5, "driver_mix")["js"] == pytest.approx(1)


def test_small_members_are_one_so_that_many_of_them_are_no_drift():
    """Fifty tags of two conversations each are others every week."""
    counts = steady(canonical_tag={"a": 500} | {f"t{i}": 2 for i in range(50)})
    counts.period("m", 4, canonical_tag={"a": 500} | {f"u{i}": 2 for i in range(50)})
    assert counts.found("m", 4, "canonical_tag_mix")["measured"] == 0


def test_the_part_of_mix_and_a_reversal_are_told():
    """Every driver got better and the metric worse, for the worst grew: at the old mix it had got better."""
    counts = steady(driver={"good": (100, 1000), "bad": (600, 1000)})
    counts.period("m", 4, driver={"good": (45, 500), "bad": (870, 1500)})
    found = counts.found("m", 4, "driver_mix")
    rate = (0.5 + 0.25) / 2 * (0.09 - 0.1) + (0.5 + 0.75) / 2 * (0.58 - 0.6)
    assert found["moved_value"] == pytest.approx(915 / 2000 - 0.35 - rate)
    assert found["is_reversed"]
    assert found["since"] == FIRST + timedelta(28)


def test_an_excursion_is_dated_by_its_first_period_and_ends():
    counts = steady(5, driver={"a": 2000, "b": 2000})
    for number in (5, 6):
        counts.period("m", number, driver={"a": 3600, "b": 400})
    for number in range(7, 13):
        counts.period("m", number, driver={"a": 2000, "b": 2000})
    for number in (5, 6):
        found = counts.found("m", number, "driver_shift")
        assert (found["is_over"], found["since"]) == (True, FIRST + timedelta(35))
        assert (found["slice"], found["counterpart"]) == ("a", "b")
        assert found["measured"] == pytest.approx(0.4)
    assert counts.found("m", 4, "driver_shift")["since"] is None
    assert counts.found("m", 12, "driver_shift")["measured"] == 0


def test_days_are_told_against_the_same_weekday():
    counts = Counts(cadence="day")
    for number in range(49):
        weekend = number % 7 > 4
        counts.period("m", number, channel={"web": 900 if weekend else 300, "mail": 300})
    assert not counts.drifted().execute("from drifted where is_over").fetchall()
    counts.period("m", 49, channel={"web": 900, "mail": 300})
    assert counts.found("m", 49, "channel_mix")["is_over"]


@pytest.mark.parametrize(
    ("now", "measured"), [(1000, 0), (1040, 0), (450, 0.55), (0, 1), (4000, 0.75)]
)
def test_volume_is_told_where_it_leaves_its_band(now, measured):
    counts = steady(driver={"a": 1000})
    counts.period("m", 4, driver={"a": now})
    found = counts.found("m", 4, "volume")
    assert found["measured"] == pytest.approx(measured)
    assert found["is_over"] == (measured > 0.5)


def test_volume_that_always_wavers_is_no_drift_where_it_wavers_as_ever():
    counts = Counts()
    for number, units in enumerate((500, 1500, 500, 1500, 2600)):
        counts.period("m", number, driver={"a": units})
    assert counts.found("m", 4, "volume")["measured"] == 0


def test_shares_that_always_waver_by_more_than_chance_are_no_drift():
    """A few customers write most of it, each in a language of their own."""
    random, counts = np.random.default_rng(3), Counts()
    for number in range(40):
        english = int(1000 * (0.5 + random.normal(0, 0.05)))
        counts.period("m", number, language={"en": english, "de": 1000 - english})
    ((over, periods),) = (
        counts.drifted()
        .execute(
            "select count(*) filter (is_over), count(*) from drifted"
            " where measure = 'language_shift' and period_start > ?",
            [FIRST + timedelta(12 * 7)],
        )
        .fetchall()
    )
    assert periods == 27
    assert over <= 1


def test_one_lost_period_in_the_baseline_does_not_make_the_next_a_drift():
    counts = steady(3, driver={"a": 1000})
    counts.period("m", 3, driver={"a": 0})
    counts.period("m", 4, driver={"a": 1010})
    assert counts.found("m", 4, "volume")["measured"] == 0


def test_a_slow_creep_is_found_that_no_period_shows_against_those_before():
    counts = Counts()
    for number in range(16):
        share = 0.2 + 0.01 * max(0, number - 7)
        counts.period("m", number, driver={"a": (share * 2000, 2000)})
    assert (
        not counts.drifted().execute("from drifted where is_over and measure != 'creep'").fetchall()
    )
    found = counts.found("m", 15, "creep")
    assert found["is_over"]
    assert found["measured"] > 0.05
    assert found["baseline"] == pytest.approx(0.2)
    assert found["since"] > FIRST + timedelta(7 * 7)


def test_a_share_without_a_known_tag_is_told_of_the_period_itself():
    counts = steady(driver={"a": 900, "unmapped": 100})
    counts.period("m", 4, driver={"a": 850, "unmapped": 150})
    found = counts.found("m", 4, "unmapped_share")
    assert (found["measured"], found["baseline"], found["is_over"]) == (0.15, 0.1, True)


def test_what_cannot_be_measured_says_why():
    counts = steady(3, driver={"a": 500}, segment={"unknown": 500})
    assert counts.found("m", 2, "driver_mix")["not_measured"] == (
        "its baseline is short: 2 of 4 complete periods"
    )
    for number in (3, 4):
        counts.period("m", number, driver={"a": 500}, segment={"unknown": 500})
    assert counts.found("m", 4, "segment_mix")["not_measured"] == "no segment is known"
    assert counts.found("m", 4, "creep")["not_measured"] == (
        "creep is told against 12 periods, and there are 5"
    )
    counts.period("m", 5, driver={"a": 0}, segment={"unknown": 0})
    assert counts.found("m", 5, "driver_mix")["not_measured"] == "nothing was counted in the period"
    counts.period("m", 6, driver={"a": 150, "b": 40}, segment={"unknown": 190})
    assert counts.found("m", 6, "driver_mix")["not_measured"] == (
        "too few were counted in the period or its baseline"
    )
    unmeasured = counts.drifted().execute(
        "select measured is null, not_measured is null from drifted"
    )
    assert {row[0] != row[1] for row in unmeasured.fetchall()} == {True}


def test_a_value_that_is_null_throughout_has_no_creep():
    counts = Counts(value_kind="median")
    for number in range(12):
        counts.period("m", number, driver={"a": 500}, value=float("nan"))
    counts.rows = [(*row[:9], None, row[10]) for row in counts.rows]
    assert counts.found("m", 11, "value_creep")["not_measured"] == "its value is null"


@pytest.mark.parametrize(
    ("day", "scope", "is_announced"),
    [
        (FIRST + timedelta(28 + 6), "m", True),
        (FIRST + timedelta(28 - 7), "*", True),
        (FIRST + timedelta(28 - 8), "*", False),
        (FIRST + timedelta(28 + 7), "*", False),
        (FIRST + timedelta(28), "another", False),
    ],
)
def test_an_announced_change_explains_what_began_in_its_period_or_the_next(
    day, scope, is_announced
):
    counts = steady(driver={"a": 2000, "b": 2000})
    counts.announced = [(day, scope, "release 4")]
    for number in (4, 5):
        counts.period("m", number, driver={"a": 3600, "b": 400})
    found = counts.found("m", 5, "driver_shift")
    assert (found["is_over"], found["since"]) == (True, FIRST + timedelta(28))
    assert found["announced"] == ("release 4" if is_announced else None)


@pytest.mark.parametrize(
    ("measure", "until", "is_announced"),
    [
        ("driver", None, True),
        ("driver_shift", FIRST + timedelta(35), True),
        ("driver", FIRST + timedelta(34), False),
        ("volume", None, False),
    ],
)
def test_an_announcement_explains_what_it_is_written_for_and_no_longer_than_it_says(
    measure, until, is_announced
):
    counts = steady(driver={"a": 2000, "b": 2000})
    counts.announced = [(FIRST + timedelta(28), "m", "release 4", measure, until)]
    for number in (4, 5):
        counts.period("m", number, driver={"a": 3600, "b": 400})
    found = counts.found("m", 5, "driver_shift")
    assert found["announced"] == ("release 4" if is_announced else None)


def test_a_published_baseline_stays_where_a_rolling_one_has_moved_along():
    """Two points a week: no four weeks see it, and those before the launch do."""
    counts = Counts()
    for number in range(12):
        grown = 20 * max(0, number - 3)
        counts.period("m", number, driver={"a": 300 + grown, "b": 700 - grown})
    assert counts.found("m", 11, "driver_shift")["baseline"] == pytest.approx(0.39)
    counts.published_at = FIRST + timedelta(4 * 7)
    found = counts.found("m", 11, "driver_shift")
    assert found["baseline"] == pytest.approx(0.3)
    assert found["measured"] == pytest.approx(0.16)
    assert counts.found("m", 11, "driver_mix")["baseline_conversations"] == 4000
    assert counts.found("m", 3, "driver_mix")["not_measured"] == (
        "its baseline is short: 3 of 4 complete periods"
    )


def test_what_a_published_baseline_cannot_tell_yet_says_why():
    counts = steady(6, driver={"a": 500, "b": 500})
    counts.published_at = FIRST + timedelta(5 * 7)
    assert counts.found("m", 5, "driver_mix")["measured"] == 0
    assert counts.found("m", 5, "driver_shift")["not_measured"] == (
        "two periods since its launch are compared, and there is one"
    )
    counts.published_at = FIRST + timedelta(3 * 7 + 1)
    assert counts.found("m", 5, "driver_mix")["not_measured"] == (
        "its baseline is short: 3 of 4 complete periods before its launch"
    )


def test_a_creep_since_the_launch_is_told_against_what_was_published():
    counts = Counts()
    for number in range(12):
        share = 0.2 + 0.01 * max(0, number - 3)
        counts.period("m", number, driver={"a": (share * 2000, 2000)})
    assert counts.found("m", 10, "creep")["measured"] is None
    counts.published_at = FIRST + timedelta(4 * 7)
    found = counts.found("m", 10, "creep")
    assert found["is_over"]
    assert found["baseline"] == pytest.approx(0.2)


def test_clocks_set_otherwise_show_in_the_hours_of_the_day():
    by_hour = {"09:00": 300, "12:00": 400, "15:00": 200, "18:00": 100}
    counts = steady(hour=by_hour)
    counts.period(
        "m", 4, hour=dict(zip(("05:00", "08:00", "11:00", "14:00"), by_hour.values(), strict=True))
    )
    found = counts.found("m", 4, "hour_mix")
    assert found["is_over"]
    assert found["slice"] in {"08:00", "12:00"}
    asked = counts.drifted().execute("select distinct measure from drifted").fetchall()
    # of 24 hours one or another always moves
    assert ("hour_shift",) not in asked


def test_a_median_that_wavers_widely_creeps_by_no_more_than_it_wavers():
    """Weeks of 6 and 13 minutes in turn, and one of 25: chance, as medians near zero have it."""
    counts = Counts(value_kind="median")
    values = [6, 12, 8, 10, 6, 13, 7, 11, 9, 6, 12, 8, 13, 7, 25]
    for number, value in enumerate(values):
        counts.period("m", number, value=value, driver={"a": 500})
    assert counts.found("m", 14, "value_creep")["measured"] == 0
    for number in (15, 16, 17, 18):
        counts.period("m", number, value=25, driver={"a": 500})
    found = counts.found("m", 18, "value_creep")
    assert found["is_over"]
    assert found["measured"] == pytest.approx(found["current"] / found["baseline"] - 1)

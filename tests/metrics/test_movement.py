"""Why a number moved: parts that sum to the change, checked against the formulas worked out by hand."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.macros import macros

COLUMNS = (
    "kind, driver, segment, mix, rate, part, value_before, value_after, conversations_before,"
    " conversations_after, total_before, total_after, simpson_by"
)

UNIT = st.tuples(
    st.booleans(),
    st.sampled_from(["billing", "access", "setup", "defect"]),
    st.sampled_from(["smb", "enterprise", "unknown"]),
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 1000).map(lambda tenths: tenths / 8),
)
"""is_later, driver, segment, numerator, denominator, measure: cells may be in one period only."""

SEVERAL = settings(max_examples=60, deadline=None)


@pytest.fixture(scope="module")
def macro():
    return macros("metric_movement", "population_stability")


@pytest.fixture(scope="module")
def database():
    with duckdb.connect() as connection:
        yield connection


def movement(database, macro, units, value) -> list[dict]:
    database.execute(
        "create or replace table units (is_later boolean, driver varchar, segment varchar,"
        " numerator double, denominator double, measure double)"
    )
    if units:
        database.executemany("insert into units values (?, ?, ?, ?, ?, ?)", units)
    query = f"select {COLUMNS} from ({macro.default__metric_movement('units', value)})"
    names = COLUMNS.split(", ")
    return [dict(zip(names, row, strict=True)) for row in database.execute(query).fetchall()]


def sums(units, of) -> list[dict]:
    """What the units of each cell come to, per period, exactly."""
    found = [defaultdict(Fraction), defaultdict(Fraction)]
    for is_later, driver, segment, *rest in units:
        found[is_later][driver, segment] += Fraction(of(*rest))
    return found


def kitagawa(units, value) -> dict | None:
    """Mix and rate of every cell as the paper has them, in fractions; None where a period has no value."""
    numerators = sums(units, lambda numerator, denominator, measure: numerator)
    weights = sums(
        units, lambda numerator, denominator, measure: 1 if value == "count" else denominator
    )
    whole = [sum(period.values()) for period in weights]
    totals = [sum(period.values()) for period in numerators]
    if value == "count":
        whole = [Fraction(1), Fraction(1)]
        middle = Fraction(0)
    elif 0 in whole:
        return None
    else:
        totals = [total / all_ for total, all_ in zip(totals, whole, strict=True)]
        middle = sum(totals) / 2
    parts = {}
    for cell in {*weights[0], *weights[1]}:
        (w0, w1) = (weights[at][cell] / whole[at] for at in (0, 1))
        (r0, r1) = (
            numerators[at][cell] / weights[at][cell] if weights[at][cell] else None for at in (0, 1)
        )
        if r0 is None and r1 is None:
            mix, rate = Fraction(0), Fraction(0)
        elif r0 is None:
            mix, rate = w1 * (r1 - middle), Fraction(0)
        elif r1 is None:
            mix, rate = -w0 * (r0 - middle), Fraction(0)
        else:
            mix, rate = (w1 - w0) * ((r0 + r1) / 2 - middle), (w0 + w1) / 2 * (r1 - r0)
        parts[cell] = (mix, rate)
    return {"parts": parts, "change": totals[1] - totals[0]}


def quantile(values, at) -> float:
    ordered = sorted(values)
    place = at * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


@pytest.mark.parametrize("value", ["share", "mean", "count"])
@SEVERAL
@given(units=st.lists(UNIT, max_size=60))
def test_mix_and_rate_are_kitagawas_and_sum_to_the_change(database, macro, value, units):
    # a numerator needs a denominator: what a metric counts is checked before it is split
    units = [(*unit[:3], min(unit[3], unit[4]), *unit[4:]) for unit in units]
    found = movement(database, macro, units, value)
    expected = kitagawa(units, value)
    if expected is None or not units:
        assert found == []
        return
    change = float(expected["change"])
    assert {(row["driver"], row["segment"]) for row in found} == {*expected["parts"]}
    for row in found:
        mix, rate = expected["parts"][row["driver"], row["segment"]]
        assert row["mix"] == pytest.approx(float(mix), abs=1e-12)
        assert row["rate"] == pytest.approx(float(rate), abs=1e-12)
        assert row["part"] == pytest.approx(float(mix + rate), abs=1e-12)
        assert row["total_after"] - row["total_before"] == pytest.approx(change, abs=1e-12)
    assert abs(sum(row["part"] for row in found) - change) <= 1e-12


@SEVERAL
@given(units=st.lists(UNIT, max_size=60))
def test_a_mean_whose_cells_have_sums_without_a_denominator_still_adds_up(database, macro, units):
    found = movement(database, macro, units, "mean")
    if found:
        change = found[0]["total_after"] - found[0]["total_before"]
        assert abs(sum(row["part"] for row in found) - change) <= 1e-12


@SEVERAL
@given(units=st.lists(UNIT, max_size=40))
def test_swapping_the_periods_turns_every_part_round(database, macro, units):
    units = [(*unit[:3], min(unit[3], unit[4]), *unit[4:]) for unit in units]
    forth = movement(database, macro, units, "share")
    back = movement(database, macro, [(not unit[0], *unit[1:]) for unit in units], "share")
    turned = {(row["driver"], row["segment"]): -row["part"] for row in back}
    for row in forth:
        assert row["part"] == pytest.approx(turned[row["driver"], row["segment"]], abs=1e-12)


@pytest.mark.parametrize(("value", "at"), [("median", 0.5), ("p90", 0.9)])
@SEVERAL
@given(units=st.lists(UNIT, max_size=50))
def test_a_percentile_is_split_by_replacing_one_cell_at_a_time(database, macro, value, at, units):
    found = movement(database, macro, units, value)
    before = [unit for unit in units if not unit[0]]
    after = [unit for unit in units if unit[0]]
    if not before or not after:
        assert found == []
        return
    was = quantile([unit[5] for unit in before], at)
    change = quantile([unit[5] for unit in after], at) - was
    cells = {(unit[1], unit[2]) for unit in units}
    parts = {}
    for cell in cells:
        mixture = [unit[5] for unit in before if (unit[1], unit[2]) != cell]
        mixture += [unit[5] for unit in after if (unit[1], unit[2]) == cell]
        parts[cell] = quantile(mixture, at) - was if mixture else 0.0
    told = {(row["driver"], row["segment"]): row["part"] for row in found if row["kind"] == "cell"}
    assert told == pytest.approx(parts, abs=1e-9)
    (left,) = [row["part"] for row in found if row["kind"] == "interaction"]
    assert left == pytest.approx(change - sum(parts.values()), abs=1e-9)
    assert sum(row["part"] for row in found) == pytest.approx(change, abs=1e-9)


def test_what_two_cells_do_only_together_is_the_interaction(database, macro):
    """
    Neither cell alone carries the middle of the order with it; both together do.
    """
    before = [(False, driver, "smb", 0, 0, 10.0) for driver in ["a"] * 2 + ["b"] * 2 + ["c"]]
    after = [(True, driver, "smb", 0, 0, 90.0) for driver in ["a"] * 2 + ["b"] * 2]
    found = movement(database, macro, [*before, *after, (True, "c", "smb", 0, 0, 10.0)], "median")
    parts = {row["driver"] or row["kind"]: row["part"] for row in found}
    assert parts == {"a": 0.0, "b": 0.0, "c": 0.0, "interaction": 80.0}


def many(is_later, driver, counted, whole) -> list[tuple]:
    return [(is_later, driver, "smb", int(place < counted), 1, 1.0) for place in range(whole)]


def test_a_planted_reversal_is_named_and_is_all_mix(database, macro):
    """
    Both drivers get better, and the total worse, for most customers now come with the hard one.
    """
    units = [
        *many(False, "easy", 10, 100), *many(False, "hard", 16, 20),
        *many(True, "easy", 1, 20), *many(True, "hard", 70, 100),
    ]  # fmt: skip
    found = movement(database, macro, units, "share")
    assert {tuple(row["simpson_by"]) for row in found} == {("cell", "driver")}
    assert sum(row["rate"] for row in found) < 0 < sum(row["mix"] for row in found)


def test_a_total_that_moves_as_its_parts_do_is_no_reversal(database, macro):
    units = [
        *many(False, "easy", 10, 100), *many(False, "hard", 10, 20),
        *many(True, "easy", 20, 100), *many(True, "hard", 12, 20),
    ]  # fmt: skip
    assert all(row["simpson_by"] == [] for row in movement(database, macro, units, "share"))


def test_half_the_weight_against_the_total_is_no_reversal(database, macro):
    units = [
        *many(False, "easy", 10, 100), *many(False, "hard", 10, 100),
        *many(True, "easy", 9, 100), *many(True, "hard", 40, 100),
    ]  # fmt: skip
    assert all(row["simpson_by"] == [] for row in movement(database, macro, units, "share"))


def test_a_mix_that_stands_still_is_stable_and_one_that_turns_over_is_not(database, macro):
    query = macro.default__population_stability("units", "driver")
    movement(database, macro, [*many(False, "a", 0, 50), *many(True, "a", 0, 10)], "share")
    assert database.execute(query).fetchone() == (0.0,)
    turned = [
        *many(False, "a", 0, 50), *many(False, "b", 0, 50),
        *many(True, "a", 0, 25), *many(True, "b", 0, 75),
    ]  # fmt: skip
    movement(database, macro, turned, "share")
    # (.25 - .5) ln(.25 / .5) + (.75 - .5) ln(.75 / .5)
    assert database.execute(query).fetchone()[0] == pytest.approx(0.2746530721670274)
    movement(database, macro, many(True, "a", 0, 5), "share")
    assert database.execute(query).fetchone() == (None,)

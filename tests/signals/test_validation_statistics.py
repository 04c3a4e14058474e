"""
Intervals, kappa and corrected shares, against numbers other programs gave.

Kappa, Wilson: statsmodels 0.14 (cohens_kappa, proportion_confint). Prediction-powered inference: ppi-python 0.2.3
(ppi_mean_pointestimate, ppi_mean_ci with alpha=0.05; its default is 0.1).
"""

from __future__ import annotations

import math

import duckdb
import numpy as np
import pytest

from signals.validation import corrected_share
from signals.validation.agreement import (
    Z,
    clean_reviews_needed,
    kappa,
    labels_needed,
    reviews_needed,
    wilson,
)


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as connection:
        corrected_share.install(connection)
        yield connection


def table(*rows):
    return {(f"{i}", f"{j}"): count for i, row in enumerate(rows) for j, count in enumerate(row)}


@pytest.mark.parametrize(
    ("rows", "value", "low", "high"),
    [
        (
            ([75, 1, 4], [5, 4, 1], [0, 0, 10]),
            0.676470588235294,
            0.5045759580860855,
            0.8483652183845026,
        ),
        (([20, 5], [10, 15]), 0.4, 0.151092290476661, 0.6489077095233389),
        (
            ([88, 10, 2], [14, 40, 6], [18, 10, 12]),
            0.491525423728813,
            0.3915637020535469,
            0.59148714540408,
        ),
    ],
)
def test_kappa_and_its_interval_are_those_of_statsmodels(rows, value, low, high):
    found = kappa(table(*rows))
    assert (found.value, found.low, found.high) == pytest.approx((value, low, high), abs=1e-9)


def test_judges_who_never_differ_still_have_an_interval():
    """
    The large-sample variance is nought here; 20 labels are no proof of perfect agreement.
    """
    few, many = kappa(table([10, 0], [0, 10])), kappa(table([100, 0], [0, 100]))
    assert few.value == many.value == 1
    assert few.low < many.low < 1


def test_kappa_of_judges_who_know_one_value_is_not_measured():
    assert kappa({("none", "none"): 40}).value is None
    assert kappa({}).value is None


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 10, 0, 0.2775327998), (8, 10, 0.4901624715, 0.9433178485), (73, 73, 0.9500079920, 1)],
)
def test_wilsons_interval_is_the_published_one_in_python_and_in_sql(
    connection, successes, trials, low, high
):
    found = wilson(successes, trials)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)
    ((in_sql,),) = connection.execute(
        "select wilson_interval(?::double, ?)", [successes / trials, trials]
    ).fetchall()
    assert (in_sql["low"], in_sql["high"]) == pytest.approx((found.low, found.high), abs=1e-12)


def test_59_clean_reviews_prove_95_percent_one_sided_and_73_two_sided():
    assert clean_reviews_needed(0.95) == 59
    assert clean_reviews_needed(0.9) == 29
    assert 0.95**59 < 0.05 < 0.95**58
    assert reviews_needed(1.0, 0.95) == 73
    assert wilson(73, 73).low >= 0.95 > wilson(72, 72).low


def test_the_reviews_a_target_needs_are_the_fewest_that_reach_it():
    needed = reviews_needed(0.95, 0.9)
    assert needed == 139
    assert wilson(needed, needed).low > 0.9
    assert reviews_needed(0.85, 0.9) is None, "more labels do not make a classifier better"


def test_the_labels_a_kappa_needs_follow_from_how_an_interval_narrows():
    found = kappa(table([20, 5], [10, 15]))
    needed = labels_needed(found, 0.3)
    # half the distance to the lower end, and half again: the number grows with its square
    assert needed == math.ceil(50 * ((found.value - found.low) / (found.value - 0.3)) ** 2)
    assert labels_needed(found, 0.5) is None


PPI_PY = [
    ((50, 12, 18, 120, 20_000, 7_000), 0.36518438, 0.31559875, 0.41477),
    ((90, 20, 8, 82, 3_000, 1_500), 0.4561655, 0.40685784, 0.50547317),
    ((30, 40, 50, 80, 1_000, 300), 0.39804787, 0.33020509, 0.46589065),
    ((20, 1, 2, 177, 500, 60), 0.11924827, 0.09131888, 0.14717767),
]


def counts(agreed, predicted_only, labelled_only, neither, conversations, predicted):
    labelled = agreed + predicted_only + labelled_only + neither
    return (
        f"(select {labelled} as labelled, {agreed} as agreed, {predicted_only} as predicted_only,"
        f" {labelled_only} as labelled_only, {conversations} as conversations,"
        f" {predicted} as predicted)"
    )


def shares(connection, numbers, labels=50):
    ((counted, value, low, high, method),) = connection.execute(
        f"with counts as {counts(*numbers)} select share_counted, share_corrected, share_low,"
        f" share_high, share_method from corrected_shares('counts', {labels})"
    ).fetchall()
    return counted, value, low, high, method


@pytest.mark.parametrize(("numbers", "value", "low", "high"), PPI_PY)
def test_prediction_powered_shares_are_those_of_ppi_py(connection, numbers, value, low, high):
    ((share, variance),) = connection.execute(
        f"with counts as {counts(*numbers)} select ppi_share, ppi_variance"
        " from prediction_powered('counts', 0)"
    ).fetchall()
    half = Z * math.sqrt(variance)
    assert (share, share - half, share + half) == pytest.approx((value, low, high), abs=1e-6)
    assert shares(connection, numbers)[1] == pytest.approx(value, abs=1e-6)


def test_a_value_rarer_than_one_in_ten_is_given_by_the_labels_alone(connection):
    for numbers, successes in (
        ((6, 4, 2, 188, 9_000, 500), 8),
        ((188, 4, 2, 6, 9_000, 8_800), 190),
    ):
        counted, value, low, high, method = shares(connection, numbers)
        alone = wilson(successes, 200)
        assert method == "wilson"
        assert (value, low, high) == pytest.approx((alone.value, alone.low, alone.high))
        assert counted == numbers[5] / numbers[4]


def test_too_few_labels_correct_nothing(connection):
    assert shares(connection, (20, 3, 4, 22, 1_000, 300)) == (0.3, None, None, None, "unvalidated")
    assert shares(connection, (20, 3, 4, 23, 1_000, 300))[4] == "prediction_powered"
    assert shares(connection, (0, 0, 0, 0, 1_000, 300))[4] == "unvalidated"
    assert shares(connection, (50, 0, 0, 50, 0, 0)) == (None, None, None, None, "unvalidated")


def test_a_sample_without_a_mistake_is_no_proof_that_none_is_made(connection):
    _, value, low, high, _ = shares(connection, (100, 0, 0, 100, 1_000_000, 500_000))
    assert value == pytest.approx(0.5)
    assert high - low > 0.015


DRAWS = 1_000
SHARES = tuple(each / 10 for each in range(1, 10))


@pytest.mark.parametrize(("of_the_value", "of_the_rest"), [(0.8, 0.9), (0.6, 0.9)])
def test_intervals_hold_the_true_share_in_95_percent_of_draws(
    connection, of_the_value, of_the_rest
):
    """
    200 labels, 20,000 conversations: how often 95 % of 1,000 draws hold, within what chance allows.

    `of_the_value` of the conversations with the value are found, `of_the_rest` rightly left alone.
    """
    chance = np.random.default_rng(20_230_123)
    rows = []
    for share in SHARES:
        cells = [
            share * of_the_value,
            (1 - share) * (1 - of_the_rest),
            share * (1 - of_the_value),
            (1 - share) * of_the_rest,
        ]
        labels = chance.multinomial(200, cells, size=DRAWS)
        predicted = chance.binomial(20_000, cells[0] + cells[1], size=DRAWS)
        rows += [
            (share, 200, *map(int, label[:3]), 20_000, int(found))
            for label, found in zip(labels, predicted, strict=True)
        ]
    connection.execute(
        "create or replace temp table drawn (share double, labelled int, agreed int,"
        " predicted_only int, labelled_only int, conversations int, predicted int)"
    )
    connection.execute(
        "insert into drawn select unnest(rows, recursive := true) from (select unnest($rows) as rows)",
        {"rows": [dict(zip("abcdefg", row, strict=True)) for row in rows]},
    )
    margin = Z * math.sqrt(0.95 * 0.05 / DRAWS)
    held = connection.execute(
        "select share, avg((share between share_low and share_high)::int)"
        " from corrected_shares('drawn', 50) group by all order by all"
    ).fetchall()
    assert len(held) == len(SHARES)
    assert {share: round(each, 4) for share, each in held if abs(each - 0.95) > margin} == {}


def test_predictions_narrow_the_interval_and_never_move_it_by_their_bias(connection):
    """
    A classifier that finds the value twice as often as it occurs is corrected, not averaged in.
    """
    counted, value, low, high, _ = shares(connection, (60, 60, 0, 80, 20_000, 12_000))
    alone = wilson(60, 200)
    assert counted == 0.6
    assert value == pytest.approx(0.3)
    assert high - low < alone.high - alone.low

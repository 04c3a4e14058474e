"""Fitting sentiment to one's own labels: enough of them, judged on those held out, written beside what shipped."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
import yaml
from running import ROOT, Ended, assay_of, checkout
from validation_world import Labelled as World

from signals import packs
from signals.fit import Labelled
from signals.own_fit import check_enough, fit_own
from signals.sentiment_pack import SEEDS, read_pack
from signals.validation.question import ValidationError

MACROS = ROOT / "dbt_project" / "macros"


@pytest.fixture
def folder(tmp_path) -> Path:
    """The seeds of the pack and their lock, to write to."""
    for name in SEEDS:
        shutil.copy(packs.SEEDS / f"{name}.csv", tmp_path)
    shutil.copy(packs.LOCK, tmp_path)
    return tmp_path


def words_of_ones_own(each: int = 40) -> list[Labelled]:
    """Texts that only words the shipped pack does not know tell apart."""
    return [
        Labelled(text, value)
        for number in range(each)
        for text, value in (
            (f"the gadget is flumpy on day {number}", "negative"),
            (f"the gadget is glorpish on day {number}", "positive"),
            (f"the gadget is wumbly on day {number}", "neutral"),
        )
    ]


def fitted(labelled, folder, in_use="1.0.0", is_simulated=False):
    lock = folder / packs.LOCK.name
    return fit_own(labelled, in_use, is_simulated, folder, lock, MACROS)


def test_a_fit_joins_the_packs_as_a_version_of_its_own_and_what_shipped_stays(folder):
    shipped = {name: (folder / f"{name}.csv").read_text(encoding="utf-8") for name in SEEDS}
    found = fitted(words_of_ones_own(), folder)
    assert (found.version, found.is_new, found.base) == ("1.0.0+fitted.1", True, "1.0.0")
    assert sum(found.labels.values()) == found.after.kappa.labels == 120
    assert found.after.kappa.value > found.before.kappa.value
    assert found.mended > found.spoilt
    assert found.moves_words
    for name, text in shipped.items():
        assert (folder / f"{name}.csv").read_text(encoding="utf-8").startswith(text)
    assert {row.term for row in read_pack(folder, found.version).weights} >= {
        "flumpy",
        "glorpish",
    }
    locked = yaml.safe_load((folder / packs.LOCK.name).read_text(encoding="utf-8"))
    assert all(found.version in locked[name] for name in SEEDS)


@pytest.mark.worlds
def test_the_same_labels_fit_the_same_version_and_others_the_next_one_from_the_pack_as_shipped(
    folder,
):
    """
    Fitting on from a fitted pack would count its labels twice, and nothing would be held out.
    """
    first = fitted(words_of_ones_own(), folder)
    again = fitted(words_of_ones_own(), folder, in_use=first.version)
    assert again == dataclasses.replace(first, is_new=False)
    other = fitted(words_of_ones_own(44), folder, in_use=first.version)
    assert (other.version, other.base) == ("1.0.0+fitted.2", "1.0.0")


def test_what_a_simulated_reviewer_said_is_marked_in_the_version(folder):
    assert fitted(words_of_ones_own(), folder, is_simulated=True).version == "1.0.0+simulated.1"


def test_a_fit_that_is_no_better_on_labels_it_has_not_seen_is_not_written(folder):
    """
    The text of every label says nothing of its value: what is learnt of some misleads about the others.
    """
    values = ("negative", "neutral", "positive")
    labelled = [Labelled(f"parcel {n % 7}", values[n % 3]) for n in range(126)]
    before = (folder / "sentiment_weights.csv").read_bytes()
    found = fitted(labelled, folder)
    assert found.version is None
    assert found.after.kappa.value <= 0
    assert (folder / "sentiment_weights.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({}, "0 labels of people can be fitted to"),
        ({"negative": 50, "neutral": 29, "positive": 20}, "99 labels.*a fit takes 100"),
        ({"negative": 150, "neutral": 40, "positive": 11}, "11 positive.*12 of each value"),
    ],
)
def test_too_few_labels_are_refused_with_the_number_it_takes(counts, said):
    with pytest.raises(ValidationError, match=said):
        check_enough(counts, is_simulated=False)
    check_enough({"negative": 50, "neutral": 30, "positive": 20}, is_simulated=False)


@pytest.fixture(scope="module")
def product(tmp_path_factory) -> Path:
    """A checkout of its own, whose packs may be written."""
    return checkout(tmp_path_factory.mktemp("product"))


def fit(product: Path, data: Path, *arguments: str) -> Ended:
    return assay_of(product, "signal", "fit", *arguments, data=data)


@pytest.mark.worlds
def test_simulated_labels_of_a_build_are_fitted_to_only_when_asked_for(product, built, copy_of):
    data = copy_of(built).data
    world = World(data, built.exports / "truth.parquet")
    assert world.validate("record", world.simulated("--n", 160, "--error-rate", 0)).code == 0
    refused = fit(product, data, "sentiment")
    assert refused.code == 2
    assert "0 labels of people" in refused.err
    ended = fit(product, data, "sentiment", "--simulated", "--json")
    assert ended.code in (0, 1), ended.err
    told = json.loads(ended.out)
    assert told["is_simulated"]
    # a conversation without words of the customer's own is nothing to learn from
    assert 140 <= sum(told["labels"].values()) <= 160
    assert told["version"] in (None, "1.0.0+simulated.1")


def test_a_signal_that_is_not_answered_by_weights_is_not_fitted(product, built):
    ended = fit(product, built.data, "outcome")
    assert ended.code == 2
    assert "outcome is not answered by weights" in ended.err
    assert "Did you mean sentiment?" in fit(product, built.data, "sentimnt").err

"""What topics are judged by: silence is an error, and no mapping names what does not ship."""

from __future__ import annotations

import csv

import pytest
import yaml

from .signals.labelled import ROOT
from .signals.topics import HERE, concrete_tags, half_of, score_products, score_tags


def test_no_answer_is_no_answer_and_an_error_over_all():
    found = score_products(
        [("mortgage", "mortgage"), ("credit_card", "credit_card"), ("none", "mortgage"), (None, "credit_card")]
    )  # fmt: skip
    assert (found.n, found.coverage) == (4, 0.5)
    assert found.answered.value == 1
    assert found.all.value < 0.5


def test_a_tag_said_where_the_taxonomy_has_none_is_wrong_and_a_vague_one_is_silence():
    found = score_tags(
        [
            ("payment_failed", "declined_transfer"),
            ("payment_failed", "transfer_timing"),
            ("pricing_question", "order_physical_card"),
            ("howto_question", "change_pin"),
        ]
    )
    assert (found.said, found.asked) == (3, 2)
    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == 0.5


def test_what_is_asked_for_ships():
    with (HERE / "banking77_tags.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len({row["intent"] for row in rows}) == 77
    asked = {tag for row in rows for tag in f"{row['asked']} {row['right_too']}".split()}
    assert asked <= concrete_tags()

    declared = yaml.safe_load(
        (ROOT / "dbt_project/models/signals/_signals__models.yml").read_text(encoding="utf-8")
    )
    (signals,) = (
        model["config"]["meta"]["signals"]
        for model in declared["models"]
        if model["name"] == "custom_signals"
    )
    (product,) = (signal for signal in signals if signal["name"] == "financial_product")
    with (HERE / "cfpb_products.csv").open(encoding="utf-8", newline="") as file:
        products = {row["financial_product"] for row in csv.DictReader(file)}
    assert products == set(product["values"]) - {"none"}


def test_the_half_of_a_text_never_changes():
    """
    A text that moved from the reported half to the other would be reported after it was seen.
    """
    halves = [half_of(key) for key in ("2397100", "3000001", "Where is my card?")]
    assert halves == ["reported", "reported", "development"]

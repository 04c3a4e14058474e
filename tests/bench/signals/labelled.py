"""Texts with labels: which set, which split, what people or blind authors said of each."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
FROZEN = ROOT / "tests" / "signals" / "frozen"
SHARED = ROOT.parent / "shared" / "data"


@dataclass(frozen=True)
class Labelled:
    """One text and what it was labelled; `signal` says which question the label answers."""

    id: str
    text: str
    set: str
    signal: str
    label: str


def frozen_complaints(reader: str = "A") -> Iterator[Labelled]:
    """320 CFPB complaints, labelled by reading before any rule existed; needs the shared data."""
    texts = {}
    with (SHARED / "cfpb" / "complaints_2015_2020.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            texts[row["Complaint ID"]] = row["Consumer complaint narrative"]
    with (FROZEN / "cfpb_labels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["reader"] == reader:
                for signal in ("sentiment", "churn_risk", "customer_effort", "outcome"):
                    yield Labelled(
                        f"frozen-{row['complaint_id']}", texts[row["complaint_id"]],
                        f"CFPB, frozen (reader {reader})", signal, row[signal],
                    )  # fmt: skip


def custom_signals() -> Iterator[Labelled]:
    """For each shipped custom signal the texts written blind, positives and hard negatives."""
    for file in sorted((FROZEN / "custom").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as rows:
            for number, row in enumerate(csv.DictReader(rows), 1):
                yield Labelled(
                    f"custom-{file.stem}-{number}", row["text"], "written blind", file.stem, row["value"]
                )  # fmt: skip


def uci_sentences() -> Iterator[Labelled]:
    """3,000 review sentences, negative or positive (UCI, CC BY 4.0); weights were fitted on them."""
    for name in ("amazon_cells", "imdb", "yelp"):
        text = (SHARED / "uci_sentences" / f"{name}_labelled.txt").read_text(encoding="utf-8")
        for number, line in enumerate(text.split("\n"), 1):
            sentence, tab, label = line.rpartition("\t")
            if tab:
                yield Labelled(
                    f"uci-{name}-{number}", sentence.strip(), "UCI sentences (seen in fitting)", "sentiment",
                    "positive" if label.strip() == "1" else "negative",
                )  # fmt: skip


def all_labelled() -> list[Labelled]:
    """Every set, those of the shared data where it is present."""
    found = list(custom_signals())
    if SHARED.exists():
        found += [*frozen_complaints(), *uci_sentences()]
    return found

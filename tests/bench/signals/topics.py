"""What a text is about, against labels: products of complaints, canonical tags of questions to a bank."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from signals.validation.agreement import Measured, kappa

from .labelled import ROOT, SHARED

HERE = Path(__file__).parent
COMPLAINTS = ("complaints_2015_2020", "complaints_2017_small", "complaints_2023_truncated")
HALVES = ("development", "reported")
"""Rules are written on the first; the second is only reported. Told by a hash, before either was read."""

VAGUE_DRIVERS = {"howto_usability", "feature_feedback", "service_experience"}
"""Their tags say how somebody asks or was served; what is asked about stands in the concrete tags."""

TAG, PRODUCT = "canonical_tag", "financial_product"


@dataclass(frozen=True)
class Topic:
    """One text: which question its label answers, which half it is in."""

    id: str
    text: str
    half: str
    asks: str
    label: str


def half_of(key: str) -> str:
    """The half a text is in, by a hash of what identifies it."""
    return HALVES[hashlib.md5(key.encode()).digest()[-1] % 2]


def complaints() -> Iterator[Topic]:
    """
    US CFPB complaints (public domain) with words and a product we have a value for.

    One in the reported half whose words stand in the development half too is left out: it was seen.
    """
    value_of = {row["product"]: row[PRODUCT] for row in _rows(HERE / "cfpb_products.csv")}
    found: dict[str, Topic] = {}
    for name in COMPLAINTS:
        for row in _rows(SHARED / "cfpb" / f"{name}.csv"):
            # one file writes its headers in snake case, one ends within a record
            said = {key.lower().replace(" ", "_"): value or "" for key, value in row.items() if key}
            id_, text = said["complaint_id"], said["consumer_complaint_narrative"].strip()
            if id_.isdigit() and text and said["product"] in value_of:
                found[id_] = Topic(
                    f"cfpb-{id_}", text, half_of(id_), PRODUCT, value_of[said["product"]]
                )
    seen = {each.text for each in found.values() if each.half == HALVES[0]}
    yield from (each for each in found.values() if each.half == HALVES[0] or each.text not in seen)


def bank_questions() -> Iterator[Topic]:
    """
    Questions to a bank with their intent (banking77, training split, CC BY 4.0).

    The first rules were written with all of them in sight; since then the reported half is not read.
    """
    for number, row in enumerate(_rows(SHARED / "banking77" / "train.csv"), 1):
        yield Topic(f"bank-{number}", row["text"], half_of(row["text"]), TAG, row["category"])


def all_topics() -> list[Topic]:
    """Every text with a topic, where the shared data are present."""
    return [*complaints(), *bank_questions()] if SHARED.exists() else []


@dataclass(frozen=True)
class Tagged:
    """Precision over all texts of which a concrete tag was said, recall over those that ask for one."""

    n: int
    said: int
    asked: int
    precision: float
    recall: float


def score_tags(pairs: Sequence[tuple[str | None, str]]) -> Tagged:
    """
    Pairs of (canonical tag given, intent). What an intent asks for stands in banking77_tags.csv.

    A concrete tag is wrong where its intent neither asks for it nor names it as right too: also
    where the taxonomy has no tag for the intent.
    """
    intents = {row["intent"]: row for row in _rows(HERE / "banking77_tags.csv")}
    asked = {name: set(row["asked"].split()) for name, row in intents.items()}
    right = {name: asked[name] | set(row["right_too"].split()) for name, row in intents.items()}
    concrete = concrete_tags()
    given = [(tag if tag in concrete else None, intent) for tag, intent in pairs]
    said = [(tag, intent) for tag, intent in given if tag]
    wanted = [(tag, intent) for tag, intent in given if asked[intent]]
    return Tagged(
        n=len(given),
        said=len(said),
        asked=len(wanted),
        precision=sum(tag in right[intent] for tag, intent in said) / len(said),
        recall=sum(tag in asked[intent] for tag, intent in wanted) / len(wanted),
    )


def concrete_tags() -> set[str]:
    """The canonical tags that name what a text is about."""
    seeds = ROOT / "dbt_project" / "seeds" / "taxonomy"
    return {
        row["canonical_tag"]
        for row in _rows(seeds / "canonical_tags.csv")
        if row["driver"] not in VAGUE_DRIVERS
    }


@dataclass(frozen=True)
class Sorted:
    """Agreement on products: of the texts that got one, and of all, no answer counted as an error."""

    n: int
    coverage: float
    answered: Measured
    all: Measured


def score_products(pairs: Sequence[tuple[str | None, str]]) -> Sorted:
    """Pairs of (product given, product as labelled); `none` is no answer."""
    given = [(None if value == "none" else value, label) for value, label in pairs]
    answered = [(value, label) for value, label in given if value]
    return Sorted(
        n=len(given),
        coverage=len(answered) / len(given),
        answered=kappa(Counter(answered)),
        all=kappa(Counter((value or "none", label) for value, label in given)),
    )


def topics_tables(values: Mapping[tuple[str, str], str | None]) -> Iterator[Table]:
    """What the product said of every text with a topic, (id, question) → value, by half."""
    said: dict[tuple[str, str], list[tuple[str | None, str]]] = {}
    for each in all_topics():
        pairs = said.setdefault((each.asks, each.half), [])
        pairs.append((values.get((each.id, each.asks)), each.label))
    products = Table(
        "financial product, CFPB complaints", "n", "answered", "κ of these", "κ of all"
    )
    tags = Table("concrete tags, banking77", "n", "said", "precision", "asked for", "recall")
    for half in HALVES:
        sort = score_products(said[PRODUCT, half])
        products.add_row(
            f"{half} half", f"{sort.n:,}", f"{sort.coverage:.1%}",
            _with_interval(sort.answered), _with_interval(sort.all),
        )  # fmt: skip
        tagged = score_tags(said[TAG, half])
        tags.add_row(
            f"{half} half", f"{tagged.n:,}", f"{tagged.said:,}", f"{tagged.precision:.3f}",
            f"{tagged.asked:,}", f"{tagged.recall:.3f}",
        )  # fmt: skip
    yield products
    yield tags


def _with_interval(found: Measured) -> str:
    return f"{found.value:.2f} ({found.low:.2f}–{found.high:.2f})"


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)

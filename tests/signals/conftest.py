"""A published build with signals, and the rules of the shipped packs as the build compiles them."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from validation_world import Labelled, publish_signals

from contracts.macros import macros

FIRST = "assay-20261001T000000000Z.duckdb"


@pytest.fixture(scope="session")
def with_signals(built, tmp_path_factory) -> Labelled:
    """Nobody writes here: take `labelled`."""
    return publish_signals(built, tmp_path_factory.mktemp("signals"), FIRST)


@pytest.fixture
def labelled(with_signals, tmp_path) -> Labelled:
    """A data folder of one's own, with signals to validate and no labels yet."""
    data = tmp_path / "data"
    shutil.copytree(with_signals.data, data, symlinks=True)
    return Labelled(data, with_signals.truth)


@pytest.fixture
def publish_again(built) -> Callable[..., None]:
    """Publish a later build, whose sentiment is answered by the version given."""

    def publish(world: Labelled, version: str) -> None:
        publish_signals(built, world.data, "assay-20261101T000000000Z.duckdb", version)

    return publish


DBT = Path(__file__).parents[2] / "dbt_project"


def rows(pack: str) -> list[dict[str, str]]:
    with (DBT / "seeds/signals" / f"{pack}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def macros_of():
    """The name of a file of macros -> what in it needs no dbt."""
    return macros


@pytest.fixture(scope="session")
def own_words():
    """Bodies -> what is left of each, or null."""
    marks = {
        kind: [row["pattern"] for row in rows("own_words_marks") if row["kind"] == kind]
        for kind in ("part", "line", "rest", "hint")
    }
    cut = macros("own_words").default__own_words_cut(
        "body", marks["part"], marks["line"], marks["rest"], marks["hint"]
    )

    def left(*bodies: str) -> list[str | None]:
        found = duckdb.execute(
            f"select {cut} from (select unnest(?::varchar[]) as body, unnest(range(?)) as no) order by no",
            [list(bodies), len(bodies)],
        ).fetchall()
        return [words for (words,) in found]

    return left


@pytest.fixture(scope="session")
def churn():
    """Texts of a language -> (value, cue) of each."""

    def said(texts: Sequence[str], language: str = "en") -> list[tuple[str, str | None]]:
        hits = macros("signal_rules").default__signal_hits(_churn_rules(language), "true")
        connection = duckdb.connect()
        connection.execute(
            "create table own_words as select unnest(range(?)) as conversation_id, 1 as message_no,"
            " ? as language, unnest(?::varchar[]) as words",
            [len(texts), language, list(texts)],
        )
        found = {no: (value, cue) for no, _, value, _, cue in connection.execute(hits).fetchall()}
        return [found.get(no, ("none", None)) for no in range(len(texts))]

    return said


def _churn_rules(language: str) -> dict[str, Any]:
    groups: dict[tuple, list[str]] = {}
    spoken = [row for row in rows("churn_rules") if row["language"] == language]
    for row in spoken:
        if row["value"] not in ("ignore", "hint"):
            key = (
                int(row["priority"]),
                -float(row["confidence"]),
                row["value"],
                row["also"],
                row["unless"],
            )
            groups.setdefault(key, []).append(row["pattern"])
    return {
        "language": language,
        "hints": [row["pattern"] for row in spoken if row["value"] == "hint"],
        "ignored": [row["pattern"] for row in spoken if row["value"] == "ignore"],
        "groups": [
            {
                "value": value, "confidence": -order, "any": patterns,
                "also": [also] if also else [], "unless": [unless] if unless else [],
            }
            for (_, order, value, also, unless), patterns in sorted(groups.items())
        ],
    }  # fmt: skip

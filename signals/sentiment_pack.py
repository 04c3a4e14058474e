"""The pack of sentiment: the rows of its three seeds, read and written, and what they measure in a text."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import duckdb

from contracts.errors import ContractError
from contracts.macros import macros

VALUES = ("negative", "neutral", "positive")

FEATURES = (
    *("bias", "shortness", "praise", "complaint", "pull", "mixed"),
    *("asks", "ends_asking", "exclaims"),
)
"""The columns of macro `sentiment_features`, each with a row in seed `sentiment_decision`."""


@dataclass(frozen=True)
class Weight:
    """What a word or pair says: below zero complaint, above praise; `pull` towards a plain question."""

    language: str
    term: str
    weight: int
    pull: int
    negates: bool = False


@dataclass(frozen=True)
class Decision:
    """What a feature adds to the score of each value, in thousandths."""

    feature: str
    negative: int
    neutral: int
    positive: int


@dataclass(frozen=True)
class Confidence:
    """How often a value was right where it won by at least this margin."""

    value: str
    margin_from: int
    confidence: float


@dataclass(frozen=True)
class SentimentPack:
    """One version of all three seeds."""

    version: str
    weights: tuple[Weight, ...]
    decision: tuple[Decision, ...]
    confidence: tuple[Confidence, ...]


SEEDS: dict[str, type] = {
    "sentiment_weights": Weight,
    "sentiment_decision": Decision,
    "sentiment_confidence": Confidence,
}


def read_pack(folder: Path, version: str) -> SentimentPack:
    """The rows of one version; ContractError naming the file where there are none or one cannot be read."""
    found = {
        name: tuple(_rows(folder / f"{name}.csv", kind, version)) for name, kind in SEEDS.items()
    }
    return SentimentPack(version, *found.values())


def pack_lines(pack: SentimentPack) -> dict[str, list[list[str]]]:
    """The pack as lines for the three files, without their headers: file name -> lines."""
    rows: Iterable[tuple[str, Sequence]] = (
        ("sentiment_weights", pack.weights),
        ("sentiment_decision", pack.decision),
        ("sentiment_confidence", pack.confidence),
    )
    return {
        f"{name}.csv": [
            [pack.version, *(_written(getattr(row, column.name)) for column in fields(row))]
            for row in found
        ]
        for name, found in rows
    }


def header(name: str) -> list[str]:
    """The first line of a seed of the pack, by its name."""
    return ["version", *(column.name for column in fields(SEEDS[name]))]


class Measuring:
    """
    What a pack finds in texts, by the SQL that classifies conversations.

    `macros` is the folder of the dbt project's macros: what a hit and a feature are is written there alone.
    """

    def __init__(self, macros: Path, texts: Sequence[str], languages: Sequence[str]) -> None:
        self._macros = macros
        self._duckdb = duckdb.connect(config={"threads": 2})
        self._duckdb.execute(
            "create table texts as select unnest(range(?)) as text_id, unnest(?::varchar[]) as language,"
            " unnest(?::varchar[]) as words",
            [len(texts), list(languages), list(texts)],
        )

    def words(self) -> list[tuple[int, str, str]]:
        """Every word of every text, once: text, language, word."""
        split = self._macro("sentiment_hits", "sentiment_words", "words")
        return self._duckdb.execute(
            f"select distinct text_id, language, unnest({split}) as word from texts order by all"
        ).fetchall()

    def hits(self, pack: SentimentPack) -> list[tuple[int, str, str, int, int, int]]:
        """What weighs something: text, language, term (a pair before a word), weight, pull, -1 where negated."""
        self._weigh(pack)
        return self._duckdb.execute(
            "select text_id, language, term, hits.weight, hits.pull, case when is_negated then -1 else 1 end"
            " from hits inner join weights using (term_no) order by text_id, place"
        ).fetchall()

    def features(self, pack: SentimentPack) -> list[tuple[float, ...]]:
        """The features of every text in the order of FEATURES."""
        self._weigh(pack)
        self._duckdb.execute(
            """
            create or replace temp table measured as
            select
                text_id,
                coalesce(sum(greatest(weight, 0)), 0) as praise,
                coalesce(sum(greatest(-weight, 0)), 0) as complaint,
                coalesce(sum(pull), 0) as pull,
                any_value(length(texts.words)) as characters,
                any_value(contains(texts.words, '?')) as asks,
                any_value(ends_with(texts.words, '?')) as ends_asking,
                any_value(contains(texts.words, '!')) as exclaims
            from texts left join hits using (text_id)
            group by text_id
            """
        )
        featured = self._macro("sentiment_features", "sentiment_features", "measured")
        return self._duckdb.execute(
            f"select {', '.join(FEATURES)} from ({featured}) order by text_id"
        ).fetchall()

    def _weigh(self, pack: SentimentPack) -> None:
        self._duckdb.execute(
            "create or replace temp table weights as select unnest(?::varchar[]) as language,"
            " unnest(?::varchar[]) as term, unnest(?::integer[]) as weight, unnest(?::integer[]) as pull,"
            " unnest(?::boolean[]) as negates, unnest(range(?)) as term_no",
            [
                [getattr(row, name) for row in pack.weights]
                for name in ("language", "term", "weight", "pull", "negates")
            ]
            + [len(pack.weights)],
        )
        languages = sorted({row.language for row in pack.weights})
        hits = self._macro("sentiment_hits", "sentiment_hits", "texts", "weights", languages)
        self._duckdb.execute(f"create or replace temp table hits as {hits}")

    def _macro(self, file: str, name: str, *arguments: object) -> str:
        module = macros(file, folder=self._macros)
        return str(getattr(module, f"default__{name}")(*arguments))


def _rows(path: Path, kind: type, version: str) -> Iterable:
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    columns = {column.name: str(column.type) for column in fields(kind)}
    problems = []
    found = []
    for number, line in enumerate(lines, start=2):
        if line.get("version") != version:
            continue
        try:
            found.append(kind(**{name: _read(line[name], of) for name, of in columns.items()}))
        except (KeyError, ValueError) as error:
            problems.append(
                f"line {number} cannot be read: {error}. Write the columns {', '.join(columns)}."
            )
    if not found and not problems:
        problems.append(f"holds no row of version {version}.")
    if problems:
        raise ContractError({str(path): problems})
    return found


def _read(text: str, kind: str) -> str | int | float | bool:
    match kind:
        case "int":
            return int(text)
        case "float":
            return float(text)
        case "bool":
            return text == "true"
    return text


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

"""The words of a synthetic world: CSV lists beside this module, handed to DuckDB as variables."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from itertools import groupby

import duckdb

LANGUAGES = ("en", "de", "es")

SLOTS = (
    "name", "agent", "order", "amount", "date", "product", "code", "days", "n", "company", "noun",
    "phone", "email", "card", "iban", "ip", "city", "fullname",
)  # fmt: skip
"""In the order in which the macro `said` hands them over: `format` fills numbers in one pass, where
a chain of `replace` took three times as long."""

LISTS = {
    "first_name": "first_names",
    "last_name": "last_names",
    "agent_name": "agent_names",
    "company_stem": "company_stems",
    "company_form": "company_forms",
    "city": "cities",
    "software": "software",
    "goods": "goods",
    "bank": "bank",
    "code": "codes",
    "card": "cards",
    "iban": "ibans",
}


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one word list, by its name without `.csv`."""
    text = files(__package__).joinpath("words", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines(keepends=True)))


def speak(connection: duckdb.DuckDBPyConnection) -> None:
    """Give a connection the topics, the word lists and one `say_…` macro per kind of phrase."""
    _topics(connection)
    _raw_tags(connection)
    for kind, variable in LISTS.items():
        _set(connection, variable, [row["text"] for row in rows("slots") if row["kind"] == kind])
    _set(connection, "written", [row["written"] for row in rows("typos")])
    _set(connection, "mistyped", [row["mistyped"] for row in rows("typos")])
    for kind, group in groupby(rows("phrases"), key=lambda row: row["kind"]):
        _phrases(connection, kind, list(group))
    _problems(connection)


def _set(connection: duckdb.DuckDBPyConnection, name: str, value: object) -> None:
    connection.execute(f"set variable {name} = $value", {"value": value})


def _numbered(text: str) -> str:
    for number, slot in enumerate(SLOTS):
        text = text.replace(f"{{{slot}}}", f"{{{number}}}")
    return text


def _topics(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create or replace table topics (topic_no bigint, canonical_tag varchar, driver varchar,"
        " queue varchar, weight double, gloom double, peak_month double, swing double,"
        " drift double, product_kind varchar, noun_en varchar, noun_de varchar, noun_es varchar)"
    )
    connection.executemany(
        "insert into topics values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [[number, *row.values()] for number, row in enumerate(rows("topics"), start=1)],
    )
    _set(connection, "topic_names", [row["canonical_tag"] for row in rows("topics")])
    queues = [*dict.fromkeys(row["queue"] for row in rows("topics")), "Tier 2"]
    _set(connection, "queues", queues)


def _raw_tags(connection: duckdb.DuckDBPyConnection) -> None:
    """A spelling stands in its list as often as people use it, so that a draw needs no weights."""
    used: dict[str, list[str]] = {}
    for row in rows("raw_tags"):
        used.setdefault(row["canonical_tag"], []).extend([row["raw_tag"]] * int(row["weight"]))
    _flat(connection, "raw_tags", [used[row["canonical_tag"]] for row in rows("topics")])
    _set(connection, "machine_tags", used["system"])
    _set(connection, "unknown_tags", used[""])


def _phrases(
    connection: duckdb.DuckDBPyConnection, kind: str, phrases: Iterable[dict[str, str]]
) -> None:
    by_language = {language: [] for language in LANGUAGES}  # type: dict[str, list[str]]
    for row in phrases:
        by_language[row["language"]].append(_numbered(row["text"]))
    # colleagues talk English among themselves, so some kinds have no other language
    _flat(connection, kind, [by_language[code] or by_language["en"] for code in LANGUAGES])
    connection.execute(
        f"create or replace macro say_{kind}(language_no, no, salt) as "
        f"getvariable('{kind}')[getvariable('{kind}_first')[language_no]"
        f" + pick(no, salt, getvariable('{kind}_count')[language_no])]"
    )


def _problems(connection: duckdb.DuckDBPyConnection) -> None:
    sentences: dict[tuple[str, str], list[str]] = {}
    for row in rows("problems"):
        sentences.setdefault((row["canonical_tag"], row["language"]), []).append(
            _numbered(row["text"])
        )
    _flat(
        connection,
        "problem",
        [sentences[row["canonical_tag"], code] for row in rows("topics") for code in LANGUAGES],
    )
    place = f"(topic_no - 1) * {len(LANGUAGES)} + language_no"
    connection.execute(
        "create or replace macro say_problem(topic_no, language_no, no, salt) as "
        f"getvariable('problem')[getvariable('problem_first')[{place}]"
        f" + pick(no, salt, getvariable('problem_count')[{place}])]"
    )


def _flat(connection: duckdb.DuckDBPyConnection, name: str, lists: list[list[str]]) -> None:
    """Set one list of all texts, where each part begins (from 1) and how long each part is."""
    first, position = [], 1
    for texts in lists:
        first.append(position)
        position += len(texts)
    _set(connection, name, [text for texts in lists for text in texts])
    _set(connection, f"{name}_first", first)
    _set(connection, f"{name}_count", [len(texts) for texts in lists])

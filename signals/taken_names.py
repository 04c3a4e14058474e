"""Names a declared signal cannot have: it becomes a column of the wide tables, beside those that are there."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import duckdb
import yaml

from contracts.errors import ContractError

MODELS = Path(__file__).parents[1] / "dbt_project" / "models"
CONVERSATIONS = MODELS / "marts" / "_marts__models.yml"
MEASURED = MODELS / "marts" / "_fct_measured__models.yml"
WIDE_TABLES = {"fct_conversations": CONVERSATIONS, "fct_measured": MEASURED}
"""The tables with a column per signal, and the files their contracts stand in."""

BEGIN = "      # one column per declared custom signal: written by `make generated`\n"
END = "      # end of the custom signals\n"


def around_the_columns(file: Path) -> tuple[str, str]:
    """What stands before and after the generated columns. Raises ContractError where their marks are gone."""
    before, begin, rest = file.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ContractError(
            {str(file): [f"the lines {BEGIN.strip()!r} and {END.strip()!r} are gone."]}
        )
    return before, after


@cache
def columns_of_wide_tables() -> frozenset[str]:
    """The columns of the wide tables that no declaration made."""
    return frozenset(
        column["name"]
        for table, file in WIDE_TABLES.items()
        for model in yaml.safe_load("".join(around_the_columns(file)))["models"]
        if model["name"] == table
        for column in model["columns"]
    )


@cache
def words_of_sql() -> frozenset[str]:
    """What no column can be named without quotes, which readers would have to write each time."""
    rows = duckdb.execute(
        "select keyword_name from duckdb_keywords()"
        " where keyword_category in ('reserved', 'type_function')"
    ).fetchall()
    return frozenset(name for (name,) in rows)

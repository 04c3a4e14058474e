"""Names a declared signal cannot have: it becomes a column of fct_conversations, beside those that are there."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import duckdb
import yaml

from contracts.errors import ContractError

MODELS = Path(__file__).parents[1] / "dbt_project" / "models"
MARTS = MODELS / "marts" / "_marts__models.yml"
BEGIN = "      # one column per declared custom signal: written by `make generated`\n"
END = "      # end of the custom signals\n"


def around_the_columns(text: str) -> tuple[str, str]:
    """What stands before and after the generated columns. Raises ContractError where their marks are gone."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ContractError(
            {str(MARTS): [f"the lines {BEGIN.strip()!r} and {END.strip()!r} are gone."]}
        )
    return before, after


@cache
def columns_of_conversations() -> frozenset[str]:
    """The columns of fct_conversations that no declaration made."""
    models = yaml.safe_load("".join(around_the_columns(MARTS.read_text(encoding="utf-8"))))
    return frozenset(
        column["name"]
        for model in models["models"]
        if model["name"] == "fct_conversations"
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

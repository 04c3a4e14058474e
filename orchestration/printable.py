"""Text from outside made fit for a screen: nothing in it moves a cursor, and nothing personal."""

from __future__ import annotations

import re
from functools import cache

import duckdb

from contracts.macros import macros

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Control characters but line feed and tab, and the marks that turn the direction of writing: an
escape sequence in a tag could clear a screen or forge a line of it."""

_QUOTED = re.compile(r"""(["'])((?:(?!\1).){1,2000})\1""", re.DOTALL)
_VALUE = re.compile(
    r"(?i)\b(string|value|input|text|key)\s+([\"'])((?:(?!\2).){0,2000})\2", re.DOTALL
)
_STATEMENT = re.compile(r"\s*\n\s*LINE \d+:[^\n]*(?:\n[ ^]*\^+)?")
_NAME = re.compile(r"[\w.:/\\-]{1,120}")

LONGEST_SENTENCE = 2_000
"""Characters shown of what another program said: its statement may be pages of SQL."""


def printable(text: str) -> str:
    """The text without control characters."""
    return _CONTROL.sub("", text)


def one_line(text: str) -> str:
    """The text printable, on one line: a name of a file may hold line ends of its own."""
    return printable(text).replace("\n", " ").replace("\t", " ")


def masked(text: str) -> str:
    """The text without personal data, masked by the SQL that masks the marts, and printable."""
    found = duckdb.execute(f"select {_masking()} from (select ? as text)", [printable(text)])
    ((safe,),) = found.fetchall()
    return str(safe)


def of_another_program(said: str) -> str:
    """
    What DuckDB or dbt said of an error: cut, masked, and without the values it quotes.

    A name of a table or column is kept, anything longer in quotes may be a ticket's text.
    """
    said = _STATEMENT.sub("", said)
    cut = said if len(said) <= LONGEST_SENTENCE else said[:LONGEST_SENTENCE] + " …"
    return masked(_QUOTED.sub(_name_or_nothing, _VALUE.sub(r"\1 \2…\2", cut)))


def _name_or_nothing(quoted: re.Match[str]) -> str:
    mark, held = quoted[1], quoted[2]
    return f"{mark}{held if _NAME.fullmatch(held) else '…'}{mark}"


@cache
def _masking() -> str:
    return str(macros("mask_*").default__mask_personal_data("text"))

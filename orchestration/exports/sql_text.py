"""How values and names are written into SQL, and what a declared DuckDB type is made of."""

import re
from dataclasses import dataclass

from contracts.errors import ContractError

_TOKEN = re.compile(r'\s*("[^"]*"|\w+|[()\[\],])')


def literal(value: object) -> str:
    """A value as an SQL literal; anything but numbers and None as text."""
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def name(identifier: str) -> str:
    """A name as an SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


@dataclass(frozen=True)
class Type:
    """A declared type: a scalar, a list of `element`, or a struct of `fields`."""

    scalar: str = ""
    element: "Type | None" = None
    fields: "tuple[tuple[str, Type], ...]" = ()


def parse_type(column: str, written: str) -> Type:
    """A DuckDB type as a tree. Raises ContractError where it is not one."""
    if "".join(_TOKEN.findall(written)) != re.sub(r"\s+", "", written):
        raise _not_a_type(column, written)
    tokens = [*_TOKEN.findall(written), "end"]
    try:
        kind, rest = _type(tokens)
    except (IndexError, ValueError):
        raise _not_a_type(column, written) from None
    if rest != ["end"]:
        raise _not_a_type(column, written)
    return kind


def _not_a_type(column: str, written: str) -> ContractError:
    return ContractError({"sources": [f"{column} is declared {written}, not a DuckDB type."]})


def _type(tokens: list[str]) -> tuple[Type, list[str]]:
    word, rest = tokens[0].lower(), tokens[1:]
    if word == "struct":
        kind, rest = _struct(rest)
    elif not word.isidentifier() or word == "end":
        raise ValueError(word)
    elif rest[0] == "(":
        close = rest.index(")")
        kind, rest = Type(scalar="".join([word, *rest[: close + 1]])), rest[close + 1 :]
    else:
        kind = Type(scalar=word)
    while rest[:2] == ["[", "]"]:
        kind, rest = Type(element=kind), rest[2:]
    return kind, rest


def _struct(rest: list[str]) -> tuple[Type, list[str]]:
    fields, separator = [], rest[0]
    if separator != "(":
        raise ValueError(separator)
    while separator in ("(", ","):
        field = rest[1].strip('"')
        kind, rest = _type(rest[2:])
        fields.append((field, kind))
        separator = rest[0]
    if separator != ")":
        raise ValueError(separator)
    return Type(fields=tuple(fields)), rest[1:]

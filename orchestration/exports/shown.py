"""What the first records of an export show of each field: that it is there, and what its values look like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.exports.sql_text import Type

FREE_TEXT = {"subject", "description", "body", "comment", "text", "title", "reason"}
PERSONAL = {"email", "name", "customer", "url"}
"""Free text and personal data: their values do not go into the ledger."""

VALUES, VALUE_CHARACTERS = 50, 64
"""A field with more or longer values than these is described by its range, not its values."""

WHOLE_NUMBER, NUMBER = "whole number", "number"

_FRACTIONAL = ("double", "float", "real", "decimal")

_WRITTEN = (
    (re.compile(r"[+-]?[0-9]+"), WHOLE_NUMBER),
    (re.compile(r"[+-]?[0-9]*[.,][0-9]+(?:[eE][+-]?[0-9]+)?"), NUMBER),
    (re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"), "day, year first"),
    (re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"), "day, year last"),
    (re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[T ].*"), "time, year first"),
    (re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}[T ].*"), "time, year last"),
)
"""What a text may be that begins with a digit or a sign."""


@dataclass
class Shown:
    """
    One field in the records looked at: `records` are those that could have it, `keyed` those that have its key,
    `filled` those with a value, which is no null, blank or empty list. `looks` and `values` have a count and a
    first position each; `values` is None where there are too many to be a set.
    """

    records: int = 0
    keyed: int = 0
    filled: int = 0
    first_missing: int | None = None
    types: set[str] = field(default_factory=set)
    looks: dict[str, list[int]] = field(default_factory=dict)
    values: dict[str, list[int]] | None = field(default_factory=dict)
    numbers: list[float] = field(default_factory=list)

    @property
    def quartiles(self) -> list[float] | None:
        """Of its numbers, to three digits: enough to tell minutes from seconds, too few to tell whose they are."""
        if not self.numbers:
            return None
        ordered = sorted(self.numbers)
        return [float(f"{ordered[len(ordered) * part // 4]:.2e}") for part in (1, 2, 3)]


class Sample:
    """The fields of some records, by name; the parts of a declared structure as `comments.public`."""

    def __init__(self, kinds: Mapping[str, Type], is_text: bool) -> None:
        """`kinds` are those of the declared fields; `is_text` says that every value is received as text."""
        self.fields: dict[str, Shown] = {}
        self._parts = {name: [*parts_of(kind)] for name, kind in kinds.items()}
        parts = {
            f"{name}.{part}": each
            for name, kind in kinds.items()
            for part, each in parts_of(kind).items()
        }
        # of numbers that may have a fraction, some have none
        self._fractional = {
            name for name, kind in {**kinds, **parts}.items() if kind.scalar in _FRACTIONAL
        }
        self._lists = {name for name, kind in kinds.items() if kind.element}
        self._is_text = is_text

    def add(self, records: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
        """Look at these records, each with its position."""
        self._note("", self._parts, records)
        for name, parts in self._parts.items():
            if parts:
                inside = [
                    (position, each)
                    for position, record in records
                    for each in self._elements(name, record.get(name))
                    if isinstance(each, dict)
                ]
                self._note(f"{name}.", parts, inside)

    def _elements(self, name: str, held: Any) -> list[Any]:
        if name not in self._lists:
            return [held]
        return held if isinstance(held, list) else []

    def _note(
        self,
        above: str,
        declared: Iterable[str],
        records: Sequence[tuple[int, Mapping[str, Any]]],
    ) -> None:
        for name in sorted(set(declared).union(*(record for _, record in records))):
            shown = self.fields.setdefault(above + name, Shown())
            is_plain = name not in FREE_TEXT | PERSONAL
            for position, record in records:
                self._one(shown, position, record.get(name, _NO_KEY), is_plain)
            if above + name in self._fractional and (whole := shown.looks.pop(WHOLE_NUMBER, None)):
                fraction = shown.looks.get(NUMBER, [0, whole[1]])
                shown.looks[NUMBER] = [whole[0] + fraction[0], min(whole[1], fraction[1])]

    def _one(self, shown: Shown, position: int, value: Any, is_plain: bool) -> None:
        shown.records += 1
        if value is not _NO_KEY:
            shown.keyed += 1
            shown.types.add(_json_type(value))
        if value is _NO_KEY or value is None or value == [] or _is_blank(value):
            shown.first_missing = shown.first_missing or position
            return
        shown.filled += 1
        look = self._look(value)
        shown.looks.setdefault(look, [0, position])[0] += 1
        if not is_plain:
            shown.values = None
        elif look.endswith(NUMBER):
            shown.numbers.append(float(str(value).strip().replace(",", ".")))
        if shown.values is not None:
            # as the values of a declared field are told, or one that is renamed would not be known by them
            text = str(value).lower() if isinstance(value, bool) else str(value)
            if len(text) > VALUE_CHARACTERS or isinstance(value, list | dict):
                shown.values = None
            else:
                shown.values.setdefault(text, [0, position])[0] += 1
                if len(shown.values) > VALUES:
                    shown.values = None

    def _look(self, value: Any) -> str:
        match value:
            case bool():
                return "true or false"
            case int():
                return WHOLE_NUMBER
            case float():
                return NUMBER
            case list():
                return "list"
            case dict():
                return "object"
        written = value.strip()
        if written[0] in "+-.0123456789":
            for pattern, look in _WRITTEN:
                if pattern.fullmatch(written):
                    is_number = look.endswith(NUMBER)
                    return f"quoted {look}" if is_number and not self._is_text else look
        return "text"


_NO_KEY = object()


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def parts_of(kind: Type) -> dict[str, Type]:
    """The parts of a structure, or of a list's elements, by name."""
    return dict((kind.element or kind).fields)


def _json_type(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return "BOOLEAN"
        case int():
            return "BIGINT"
        case float():
            return "DOUBLE"
        case str():
            return "VARCHAR"
        case list():
            return "ARRAY"
    return "OBJECT"

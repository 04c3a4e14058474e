"""A conversation as a reviewer reads it: roles named, masked, harmless to terminals and spreadsheets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

MOST_CHARACTERS = 30_000
"""A spreadsheet's cell ends at 32,767 characters."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Escape sequences would steer a terminal, and direction marks would hide what was written."""

_BESIDE_A_SEPARATOR = re.compile(r'([,;|"\'])(?=[=+\-@])')
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_transcript(facts: Mapping[str, Any], messages: Sequence[tuple[Any, ...]]) -> str:
    """
    The facts of a conversation in a line, its subject, and its messages (number, role, moment, body) in order.

    Every line of a message begins with a bar: however a program splits the file, that is no formula.
    """
    head = [f"{name} {value}" for name, value in facts.items() if name != "subject" and value]
    lines = [" · ".join(head), f"subject: {_one_line(facts.get('subject') or '(none)')}"]
    for number, role, moment, body in messages:
        when = f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "at a time that is not known"
        lines += ["", f"[{number}] {role}, {when}"]
        lines += [f"| {line}" for line in _plain(body or "").split("\n")]
    if not messages:
        lines += ["", "(no public message)"]
    return _cut("\n".join(lines))


def formula_safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; `cell_as_written` takes it back."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def cell_as_written(cell: str) -> str:
    """A cell without the apostrophe that keeps it from being a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def fingerprint(transcript: str) -> str:
    """
    A digest of the letters and digits every encoding keeps.

    Spreadsheets change line ends, quotes and accents; a transcript that belongs to another row they do not make.
    """
    kept = re.sub(r"[^a-z0-9]", "", transcript.lower())
    return hashlib.sha256(kept.encode()).hexdigest()[:16]


def _plain(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    # a program that splits at another separator would begin a cell there
    return _BESIDE_A_SEPARATOR.sub(r"\1 ", _CONTROL.sub("", text))


def _one_line(text: str) -> str:
    return " ".join(_plain(text).split())


def _cut(text: str) -> str:
    if len(text) <= MOST_CHARACTERS:
        return text
    left_out = len(text) - MOST_CHARACTERS
    return f"{text[:MOST_CHARACTERS]}\n… {left_out:,} more characters stand in marts.fct_messages."

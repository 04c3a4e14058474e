"""Which regular expressions a rule may hold: those RE2 reads, that stay fast, and that mean what they seem to."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb

LONGEST = 9_000
"""Characters of one pattern; the longest that ships has 7,400."""

MOST_REPEATS = 250
"""Counted repetitions are copied out by RE2, so that {250} of one class is 250 states."""

_COUNTED = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_CLASS = re.compile(r"\[(?:\\.|[^\]\\])*\]")
_COUNT = r"\{\d+(?:,\d*)?\}"
_NESTED = re.compile(rf"\((?:[^()\\]|\\.)*{_COUNT}(?:[^()\\]|\\.)*\){_COUNT}")


def problems(pattern: str) -> Iterator[str]:
    """What is wrong with a pattern, each as the end of a sentence that began with where it stands."""
    if not pattern.strip():
        yield "is empty: write a pattern, or leave the rule out."
        return
    if said := _refused(pattern):
        yield f"is not a regular expression RE2 reads ({said}): it has no look-around and no back-references."
        return
    if _matches_nothing_at_all(pattern):
        yield "matches the empty text, so it would speak everywhere: let it require a word."
    if len(pattern) > LONGEST:
        yield f"has {len(pattern):,} characters: split it below {LONGEST:,}, or reading is many times slower."
    plain = _CLASS.sub("x", pattern)
    counted = [int(most or least) for least, most in _COUNTED.findall(plain)]
    if any(count > MOST_REPEATS for count in counted) or _multiplied(plain):
        yield f"repeats more than {MOST_REPEATS} times over: shorten the counted gap, RE2 copies it out."
    if re.search(
        r"(?<!\\)[A-Z]",
        re.sub(r"\\[pP]\{?\w+\}?|\\x\{?[0-9A-Fa-f]+\}?|\(\?[a-zA-Z-]+[:)]", "", plain),
    ):
        yield "holds a capital letter, and rules are tried on text in lower case: it never matches."


def _refused(pattern: str) -> str:
    try:
        duckdb.execute("select regexp_matches('', ?)", [pattern]).fetchall()
    except duckdb.Error as error:
        return str(error).splitlines()[0].removeprefix("Invalid Input Error: ")
    return ""


def _matches_nothing_at_all(pattern: str) -> bool:
    return bool(duckdb.execute("select regexp_matches('', ?)", [pattern]).fetchall()[0][0])


def _multiplied(pattern: str) -> bool:
    """A counted repetition around another: {9} of {40} is 360 copies."""
    for nested in _NESTED.finditer(pattern):
        inner = [int(most or least) for least, most in _COUNTED.findall(nested.group(0))]
        product = 1
        for count in inner:
            product *= max(count, 1)
        if len(inner) > 1 and product > MOST_REPEATS:
            return True
    return False

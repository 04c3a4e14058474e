"""Records damaged on their way, as real exports are: one cut short, one that lost its id."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from orchestration.synthetic import joining

_ID = re.compile(rb'"id":(\d+),')


def break_records(tickets: Path) -> list[str]:
    """
    Damage two records of a file of tickets, a third and two thirds into it; their conversations.

    The rest of the file keeps its bytes. A file too short for two loses one, or none.
    """
    size, broken = tickets.stat().st_size, []
    whole = tickets.rename(tickets.with_name(f".{tickets.name}"))
    with whole.open("rb") as source, tickets.open("wb") as target:
        for share, damaged in _DAMAGES:
            joining.copy_until(source, target, int(size * share))
            line = source.readline()
            if found := _ID.search(line):
                broken.append(f"zendesk:{found[1].decode()}")
                target.write(damaged(line))
        shutil.copyfileobj(source, target, joining.BLOCK)
    whole.unlink()
    return broken


def _cut_short(line: bytes) -> bytes:
    """A write that stopped in the middle of a record; the next one begins on its own line."""
    return line[: len(line) // 2] + b"\n"


def _without_id(line: bytes) -> bytes:
    return _ID.sub(b"", line, count=1)


_DAMAGES: tuple[tuple[float, Callable[[bytes], bytes]], ...] = (
    (1 / 3, _cut_short),
    (2 / 3, _without_id),
)

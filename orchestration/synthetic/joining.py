"""Joining the parts of a file in their order, and cutting the whole between records."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import BinaryIO

BLOCK = 1 << 22
"""Bytes copied at a time: 4 MB keeps two cores busy and costs no memory to speak of."""


def append(part: Path, whole: Path) -> None:
    """
    Move the bytes of `part` to the end of `whole`.

    Done while the part is still in memory, so that its own pages need never reach the disk.
    """
    with part.open("rb") as source, whole.open("ab") as target:
        shutil.copyfileobj(source, target, BLOCK)
    part.unlink()


def cut(whole: Path, names: list[str]) -> None:
    """
    Replace `whole` by files of about the same size, named `names` beside it.

    Every file ends with a whole line. Where there are fewer lines than names, the last files are
    empty.
    """
    size = whole.stat().st_size
    source_path = whole.rename(whole.with_name(f".{whole.name}"))
    with source_path.open("rb") as source:
        for number, name in enumerate(names, start=1):
            with whole.with_name(name).open("wb") as target:
                copy_until(source, target, size * number // len(names))
    source_path.unlink()


def copy_until(source: BinaryIO, target: BinaryIO, end: int) -> None:
    """Copy up to the first end of a line at or after `end`."""
    while (left := end - source.tell()) > 0:
        target.write(source.read(min(BLOCK, left)))
    if source.tell() > 0:
        source.seek(-1, os.SEEK_CUR)
        if source.read(1) != b"\n":
            target.write(source.readline())

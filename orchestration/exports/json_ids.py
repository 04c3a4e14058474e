"""Ids that a JSON export holds as floats: as they were written, which DuckDB no longer knows."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from orchestration.exports.json_text import Layout, texts
from orchestration.exports.received import CHUNK_BYTES, open_plain

_LOST = r'"id"\s*:\s*-?[0-9]+(\.[0-9]*[1-9]|(\.[0-9]+)?[eE])'
"""A number with an exponent or a fraction: 1.23457e+9 stands for every id that begins so."""

_LOST_BYTES, _LOST_TEXT = re.compile(_LOST.encode()), re.compile(_LOST)

_OVERLAP = 256
"""Bytes looked at twice, so that an id which a chunk ends within is seen whole."""


def lost_floats(path: Path, layout: Layout, key: str | None) -> Iterator[tuple[int, str | None]]:
    """
    The position of every record of an export, with its id as written where that is a float no id can be told from.

    Empty where the file holds no such number: most floats are whole numbers, written `4711.0`.
    """
    if not _holds_one(path):
        return
    wrapped = key if layout.inner == "wrapped" else None
    for text in texts(path, layout, key):
        yield text.position, _written(text.text, wrapped) if _LOST_TEXT.search(text.text) else None


def _holds_one(path: Path) -> bool:
    with open_plain(path) as stream:
        before = b""
        while chunk := stream.read(CHUNK_BYTES):
            if _LOST_BYTES.search(before + chunk):
                return True
            before = chunk[-_OVERLAP:]
    return False


class _Float(str):
    """A number as it was written."""


def _written(text: str, key: str | None) -> str | None:
    try:
        record = json.loads(text, parse_float=_Float)
        identity = (record[key] if key else record)["id"]
    except (ValueError, RecursionError, KeyError, TypeError):
        # refused as a whole, for another reason
        return None
    is_lost = isinstance(identity, _Float) and _LOST_TEXT.match(f'"id":{identity}')
    return str(identity) if is_lost else None

"""Harms to source fields: a file like the last one received, in which a locked field is not what it was."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from contracts.contract import Contract
from contracts.exports import ExportDeclaration
from orchestration.exports.opened_export import Opened, open_last
from orchestration.mutation.harm import Harm

RECORDS = 300
"""Records of the file: an ordinary day."""

RESCALED = (60, 1000, 1 / 60, 1 / 1000)

KINDS = ("renamed field", "retyped field", "rescaled field")

_NUMBERS = ("double", "bigint", "integer")

Change = Callable[[dict[str, Any], str], None]


def changed(
    connection: duckdb.DuckDBPyConnection,
    received: Path,
    declarations: Sequence[ExportDeclaration],
    contracts: Sequence[Contract],
    chance: random.Random,
    kind: str,
) -> Harm | None:
    """
    One locked field of a table of which exports were received, changed in a file that comes next.

    Of a field with another unit the numbers are larger or smaller; only plain numbers that are no ids can be.
    """
    locks: dict[tuple[str, str, str], list[str]] = {}
    for contract in contracts:
        for table, fields in (contract.data.locked_fields if contract.data else {}).items():
            for field, written in fields.items():
                locks.setdefault((table, field, written), []).append(contract.metric)
    eligible = [
        lock for lock in sorted(locks) if kind != "rescaled field" or _is_plain_number(*lock)
    ]
    chance.shuffle(eligible)
    for table, field, written in eligible:
        source, name = table.split(".", 1)
        with open_last(connection, received, declarations, source, name) as opened:
            if opened is None:
                continue
            records = [opened.record(text) for text in islice(opened.texts, RECORDS)]
            key = opened.key_of(field)
        filled = [each for each in records if each.get(key) not in (None, "", [])]
        if len(filled) < RECORDS // 10:
            continue
        change, told = _change(chance, kind, field)
        return Harm(
            kind,
            f"{table}.{field} {told}",
            "data.locked_fields",
            (f"{table}.{field}",),
            "fields",
            export=_writer(opened, records, key, change),
            metrics=frozenset(locks[table, field, written]),
        )
    return None


def _is_plain_number(table: str, field: str, written: str) -> bool:
    return written in _NUMBERS and field != "id" and not field.endswith("_id")


def _change(chance: random.Random, kind: str, field: str) -> tuple[Change, str]:
    if kind == "renamed field":
        name = f"{field}_v{chance.randint(2, 9)}"

        def renamed(record: dict[str, Any], key: str) -> None:
            if key in record:
                record[name] = record.pop(key)

        return renamed, f"renamed to {name}"
    if kind == "rescaled field":
        times = chance.choice(RESCALED)

        def rescaled(record: dict[str, Any], key: str) -> None:
            if record.get(key) not in (None, ""):
                record[key] = type(record[key])(round(float(record[key]) * times, 6))

        return rescaled, f"times {times:.3g}"

    def retyped(record: dict[str, Any], key: str) -> None:
        held = record.get(key)
        if held not in (None, "", []):
            # an object, a list and a text with letters are nothing that a plain value could be read from
            record[key] = {"value": held} if isinstance(held, list) else [held]

    return retyped, "as a list"


def _writer(
    opened: Opened, records: Sequence[dict[str, Any]], key: str, change: Change
) -> Callable[[Path], None]:
    def write(exports: Path) -> None:
        edited = [opened.under_another_id(record) for record in records]
        for record in edited:
            change(record, key)
        path = (
            exports
            / opened.source
            / f"{opened.stem}-planted.{'csv' if opened.is_csv else 'ndjson'}"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            if opened.is_csv:
                headers = dict.fromkeys(name for record in edited for name in record)
                writer = csv.DictWriter(
                    file, list(headers), delimiter=opened.delimiter, quotechar=opened.quote
                )
                writer.writeheader()
                writer.writerows(edited)
            else:
                file.writelines(f"{json.dumps(opened.wrapped(record))}\n" for record in edited)

    return write

"""Harms to source fields: records of the last file received come again, and a field is not what it was."""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Callable, Collection, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from contracts.contract import Contract
from contracts.exports import ExportDeclaration
from orchestration.exports.opened_export import Opened, open_last
from orchestration.mutation.harm import Harm

RECORDS = 300
"""Records of the file for each period that is judged: an ordinary day's."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d(?!\d)")

LOCKED_SHARE = 0.5
"""Of the harms so many are to fields that some contract locks: of all declared ones most are read by no metric."""

RESCALED = (60, 1000, 1 / 60, 1 / 1000)

KINDS = ("renamed field", "retyped field", "rescaled field")

_NUMBERS = ("double", "bigint", "integer")

Change = Callable[[dict[str, Any], str], None]


def changed(
    connection: duckdb.DuckDBPyConnection,
    received: Path,
    declarations: Sequence[ExportDeclaration],
    contracts: Sequence[Contract],
    periods: Sequence[tuple[date, date]],
    chance: random.Random,
    kind: str,
) -> Harm | None:
    """
    One declared field of a table that a contract locks any field of, changed in a file that comes next.

    Locked or not: whether a contract has locked what its number rests on is what the harm is to tell. The file
    holds records of the periods that are judged, received again, so that nothing but the field is another. Of a
    field with another unit the numbers are larger or smaller; only plain numbers that are no ids can be.
    """
    eligible = [
        each
        for each in _declared(declarations, _tables(contracts))
        if kind != "rescaled field" or _is_plain_number(*each)
    ]
    chance.shuffle(eligible)
    if chance.random() < LOCKED_SHARE:
        locked = {
            (table, field)
            for each in contracts
            if each.data
            for table, fields in each.data.locked_fields.items()
            for field in fields
        }
        eligible.sort(key=lambda each: each[:2] not in locked)
    for table, field, _ in eligible:
        source, name = table.split(".", 1)
        with open_last(connection, received, declarations, source, name) as opened:
            if opened is None:
                continue
            records = _records_of(opened, periods)
            key = opened.key_of(field)
        filled = [each for each in records if _held(each, key) not in (None, "", [])]
        if len(filled) < RECORDS // 10:
            continue
        change, told = _change(chance, kind, field.rpartition(".")[2])
        return Harm(
            kind,
            f"{table}.{field} {told}",
            "data.locked_fields",
            (f"{table}.{field}",),
            "fields",
            export=_writer(opened, records, key, change),
            metrics=frozenset(
                each.metric
                for each in contracts
                if each.data and field in each.data.locked_fields.get(table, {})
            ),
        )
    return None


def _tables(contracts: Sequence[Contract]) -> set[str]:
    return {table for each in contracts if each.data for table in each.data.locked_fields}


def _declared(
    declarations: Sequence[ExportDeclaration], tables: Collection[str]
) -> list[tuple[str, str, str]]:
    """Every declared field of these tables with its type, in an order of its own."""
    return sorted(
        (table, field, written)
        for each in declarations
        if (table := f"{each.source}.{each.table}") in tables
        for field, written in each.fields.items()
    )


def _records_of(opened: Opened, periods: Sequence[tuple[date, date]]) -> list[dict[str, Any]]:
    """Records of the last export whose first time is in one of these periods; where few are, the first ones."""
    found: dict[int, list[dict[str, Any]]] = {}
    for record in opened.records():
        days = [held[:10] for held in record.values() if isinstance(held, str) and _DAY.match(held)]
        inside = [
            place
            for place, (first, until) in enumerate(periods)
            if days and first.isoformat() <= min(days) < until.isoformat()
        ] or [len(periods)]
        for place in inside:
            if len(kept := found.setdefault(place, [])) < RECORDS:
                kept.append(record)
                break
    others = found.pop(len(periods), [])
    records = [record for place in sorted(found) for record in found[place]]
    return records if len(records) >= RECORDS // 10 else [*records, *others]


def _held(record: dict[str, Any], key: str) -> Any:
    """What a record holds of a field, or of a part of one, by its path."""
    outer, _, part = key.partition(".")
    if not part or key in record:
        return record.get(key)
    inside = record.get(outer)
    return inside.get(part) if isinstance(inside, dict) else None


def _changed_in(record: dict[str, Any], key: str, change: Change) -> None:
    outer, _, part = key.partition(".")
    if not part or key in record:
        change(record, key)
    elif isinstance(record.get(outer), dict):
        record[outer] = dict(record[outer])
        change(record[outer], part)


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
        edited = [opened.later(record) for record in records]
        for record in edited:
            _changed_in(record, key, change)
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

"""What can happen to a field on its way out of a help desk, done to exports at random."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from edited_tables import FILES, Record, write

RECORDS = 120
"""Of each file so many: an ordinary day."""

HEADERS = {
    ("billing.accounts", "id"): "account_id",
    ("billing.accounts", "organization"): "organization_id",
    ("billing.accounts", "started_at"): "started_on",
    ("billing.invoices", "account"): "account_id",
}
"""What a billing system calls a role, where it is not the role's own name."""

STATES = {"status", "priority", "role", "score", "state", "metric", "type"}

MEASURES = {"arr", "amount", "generated_timestamp"}
"""Fields that measure something in numbers, be it money or time. Intercom's times are numbers as well."""

ID_SPARED = 2 / 3
"""The share of edits to tables that measure nothing in which no id gets another unit: nobody counts in ids."""

LEAST_RISE = 0.25
"""Of the share of records without a value; the bound of contracts is 0.2."""


@dataclass(frozen=True)
class Edit:
    """One edit of one field, and the file it is to be found in. `takes_its_place` of a renamed one."""

    kind: str
    table: str
    field: str
    file: str
    takes_its_place: str | None = None


def edited(
    chance: random.Random, number: int, kind: str, table: str, field: str, records: list[Record]
) -> tuple[Edit, str]:
    """An edit of this kind, and the text of a file whose records it was done to."""
    key = HEADERS.get((table, field), field.rpartition(".")[2])
    first = number % len(records)
    records = [_another(record, number) for record in records[first:] + records[:first]]
    name = chance.choice([f"{key}_v2", f"x_{chance.randrange(16**6):06x}", f"new{key.title()}"])
    if "." in field:
        # a part of an object, where a record has one
        outer = field.split(".")[0]
        holders = [{**record[outer]} for record in records if record[outer]]
        held = iter(_changed(chance, kind, key, name, holders))
        records = [
            {**record, outer: next(held) if record[outer] else record[outer]} for record in records
        ]
        name = f"{outer}.{name}"
    else:
        records = _changed(chance, kind, key, name, records)
    if chance.random() < 0.3:
        for place, record in enumerate(records):
            record[f"added_{number}"] = chance.choice(["true", "false"]) if place else "true"
    folder, file = FILES[table].split("/")
    place = f"{folder}/{file.split('-')[0].split('.')[0]}-edit-{number:03}.{file.split('.')[-1]}"
    return Edit(kind, table, field, place, name if kind == "renamed" else None), write(
        table, records
    )


def _changed(
    chance: random.Random, kind: str, key: str, name: str, records: list[Record]
) -> list[Record]:
    if kind == "renamed":
        return [
            {name if each == key else each: it for each, it in record.items()} for record in records
        ]
    if kind == "gone":
        return [{each: it for each, it in record.items() if each != key} for record in records]
    change = _change(chance, kind, [record[key] for record in records])
    return [{**record, key: change(record[key])} for record in records]


def _another(record: Record, number: int) -> Record:
    """The record under an id of its own: what was received before would be left out."""
    name = next(one for one in ("id", "invoice_id", "account_id") if one in record)
    held = record[name]
    if isinstance(held, int) or held.isdigit():
        return {**record, name: type(held)(int(held) + 1_000 * number)}
    return {**record, name: f"{held[:4]}{number}-{held[4:]}"}


def _change(chance: random.Random, kind: str, values: list[Any]) -> Callable[[Any], Any]:
    held = next(value for value in values if value not in (None, "", []))
    if kind == "emptied":
        filled = [value not in (None, "") for value in values]
        rise = chance.uniform(LEAST_RISE, sum(filled) / len(filled))
        # of the records that have one in turn, so many as make this rise
        emptied = iter(_drawn(chance, sum(filled), math.ceil(rise * len(filled))))
        return lambda value: None if value in (None, "") or next(emptied) else value
    if kind == "rescaled":
        times = chance.choice([60, 1000, 1 / 60, 100])
        return lambda value: type(held)(_scaled(value, times)) if value not in (None, "") else value
    if kind == "new values":
        states = sorted({value for value in values if value})
        frequent = [one for one in states if values.count(one) >= 12]
        moved = chance.choice([states, [chance.choice(frequent)]])
        return lambda value: f"was {value}" if value in moved else value
    return _retyped(chance, held)


def _drawn(chance: random.Random, of: int, many: int) -> list[bool]:
    drawn = set(chance.sample(range(of), many))
    return [place in drawn for place in range(of)]


def _scaled(value: Any, times: float) -> int:
    return round(float(value) * times)


def _retyped(chance: random.Random, held: Any) -> Callable[[Any], Any]:
    if isinstance(held, bool):
        return chance.choice([int, lambda value: "yes" if value else "no"])
    if isinstance(held, int):
        return chance.choice(
            [lambda value: value and f"{value}", lambda value: value and f"N{value}"]
        )
    if isinstance(held, list | dict):
        other = (
            (lambda value: {"held": value}) if isinstance(held, list) else (lambda value: [value])
        )
        return chance.choice([json.dumps, other])
    if held.replace(".", "", 1).isdigit():
        return lambda value: f"N{value}"
    try:
        datetime.fromisoformat(held)
    except ValueError:
        return chance.choice(
            [lambda value: value and len(value), lambda value: value and str(len(value))]
        )
    return chance.choice(
        [
            lambda value: round(datetime.fromisoformat(value).timestamp()),
            lambda value: datetime.fromisoformat(value).strftime("%d/%m/%Y %H:%M"),
        ]
    )


def kinds_of(table: str, field: str) -> list[str]:
    """What can happen to a field."""
    kinds = ["renamed", "gone", "retyped", "emptied"]
    if "." in field:
        # of objects that few records have, fewer tell shares
        return kinds[:3]
    if field in STATES:
        kinds.append("new values")
    is_id = field == "organization" or field.endswith("_id")
    if is_id or measures(table, field) or (field, table[:7]) == ("id", "zendesk"):
        kinds.append("rescaled")
    return kinds


def measures(table: str, field: str) -> bool:
    """Whether it is a number that means something else in another unit: no id is."""
    return field in MEASURES or (table.startswith("intercom") and field.endswith("_at"))


def drawn(chance: random.Random, number: int, locked: dict[str, list[str]]) -> tuple[str, str, str]:
    """
    The kind, table and field of an edit: the tables in turn, of a table each kind as often as another. What gets
    another unit is a field that measures something, where the table has one.
    """
    table = [*locked][number % len(locked)]
    fields_of: dict[str, list[str]] = {}
    for field in locked[table]:
        for kind in kinds_of(table, field):
            fields_of.setdefault(kind, []).append(field)
    measured = [field for field in fields_of.get("rescaled", []) if measures(table, field)]
    if not measured and chance.random() < ID_SPARED:
        fields_of.pop("rescaled", None)
    kind = chance.choice([*fields_of])
    return kind, table, chance.choice((kind == "rescaled" and measured) or fields_of[kind])

"""The harms that are planted: one of each kind and seed, drawn from what a build holds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from contracts.contract import Contract
from contracts.exports import ExportDeclaration
from orchestration.mutation import fields, meanings, records
from orchestration.mutation.harm import Harm
from orchestration.mutation.records import Records


@dataclass(frozen=True)
class World:
    """
    What harms are drawn from: a sound copy to be looked at, the contracts asked about, and the exports received.
    """

    connection: duckdb.DuckDBPyConnection
    records: Records
    contracts: Sequence[Contract]
    declarations: Sequence[ExportDeclaration]
    received: Path


Draw = Callable[[World, random.Random], Harm | None]


def _lost(kind: str) -> Draw:
    return lambda world, chance: records.lost(world.records, chance, kind)


def _of_records(draw: Callable[[Records, random.Random], Harm | None]) -> Draw:
    return lambda world, chance: draw(world.records, chance)


def _field(kind: str) -> Draw:
    return lambda world, chance: fields.changed(
        world.connection,
        world.received,
        world.declarations,
        world.contracts,
        world.records.periods,
        chance,
        kind,
    )


KINDS: dict[str, Draw] = {
    "lost queue": _lost("queue"),
    "lost day": _of_records(records.lost_days),
    "lost language": _lost("language"),
    "lost channel": _lost("channel"),
    "doubled queue": _of_records(records.doubled),
    "inflated expected counts": _of_records(records.inflated),
    "shifted time zone": _of_records(records.shifted),
    "stale data": _of_records(records.stale),
    **{kind: _field(kind) for kind in fields.KINDS},
    "flipped label": lambda world, chance: meanings.flipped(
        world.connection, chance, world.contracts
    ),
    "swapped mapping": lambda world, chance: meanings.swapped(world.connection, chance),
    "widened rule": lambda world, chance: meanings.widened(
        world.connection, chance, world.contracts
    ),
    "blank quotes": lambda world, chance: meanings.blanked(world.connection, chance),
}
"""Each kind of harm, and how one is drawn; None where the build holds nothing it could be done to."""


def draw(world: World, kinds: Sequence[str], each: int, seed: int) -> Iterator[Harm]:
    """So many harms of each kind, no two alike; the same of one seed."""
    for kind in kinds:
        places = set()
        for number in range(each):
            harm = KINDS[kind](world, random.Random(f"{seed}/{kind}/{number}"))
            if harm is not None and harm.place not in places:
                places.add(harm.place)
                yield harm

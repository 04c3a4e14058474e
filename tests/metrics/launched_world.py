"""A loaded world all of whose metrics have just been launched, and what became of their fields since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import edited_tables
from export_world import World

from contracts.contract import Contract
from orchestration.metrics import field_changes
from orchestration.rows import Row
from orchestration.synthetic import generate

CONVERSATIONS = 600


def launched(folder: Path, seed: int, contracts: Sequence[Contract]) -> World:
    """The world of a seed, with a file of every table that is edited."""
    world = World(folder)
    generate(world.exports, CONVERSATIONS, seed)
    edited_tables.add(world.exports)
    world.load()
    launch(world, contracts)
    return world


def launch(world: World, contracts: Sequence[Contract]) -> None:
    world.ledger.connection.executemany(
        "insert into metric_launches values (?, ?, ?, 'read by a person')",
        [(each.metric, each.version, datetime.now(UTC)) for each in contracts],
    )


def found(world: World, contracts: Sequence[Contract]) -> list[Row]:
    return field_changes.find(world.work, world.ledger.connection, contracts)

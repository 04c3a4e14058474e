"""Edits of locked fields are found where they happened and called what they are; what is no edit alarms nobody."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import field_edits
import pytest
from field_edits import Edit

sys.path.append(str(Path(__file__).parents[1] / "exports"))
from export_world import World

from contracts.contract import Contract
from orchestration import warehouse
from orchestration.metrics import field_changes
from orchestration.rows import Row
from orchestration.synthetic import generate, generate_day

CONVERSATIONS = 600
EDITS = 200


@pytest.fixture(scope="module")
def contracts() -> list[Contract]:
    return list(warehouse.read_metric_contracts().contracts)


Launched = Callable[[Path, int], World]


@pytest.fixture(scope="module")
def launched(contracts, tmp_path_factory) -> Launched:
    """A loaded world of a seed, all of whose metrics have just been launched."""

    def made(seed: int) -> World:
        world = World(tmp_path_factory.mktemp(f"seed {seed}") / "world")
        generate(world.exports, CONVERSATIONS, seed)
        world.load()
        launch(world, contracts)
        return world

    return made


def launch(world: World, contracts: list[Contract]) -> None:
    world.ledger.connection.executemany(
        "insert into metric_launches values (?, ?, ?, 'read by a person')",
        [(each.metric, each.version, datetime.now(UTC)) for each in contracts],
    )


def found(world: World, contracts: list[Contract]) -> list[Row]:
    return field_changes.find(world.work, world.ledger.connection, contracts)


def locked(contracts: list[Contract]) -> list[tuple[str, str]]:
    return sorted(
        {
            (table, field)
            for each in contracts
            for table, fields in each.data.locked_fields.items()
            for field in fields
            if table in field_edits.FILES
        }
    )


@pytest.fixture(scope="module")
def edits(launched, contracts, tmp_path_factory) -> tuple[list[Edit], list[Row]]:
    """Two hundred edits, each in a file of its own, after the launch; and what was found."""
    chance = random.Random(2026)
    later = tmp_path_factory.mktemp("later")
    generate(later, CONVERSATIONS, 6)
    records = {table: field_edits.read(later, table) for table in field_edits.FILES}
    world, done = launched(5), []
    for number in range(EDITS):
        table, field = chance.choice(locked(contracts))
        kind = chance.choice(field_edits.kinds_of(table, field))
        edit, text = field_edits.edited(chance, number, kind, table, field, records[table])
        world.put(edit.file, text)
        done.append(edit)
    world.load()
    rows = found(world, contracts)
    world.close()
    return done, rows


def test_every_edit_is_found_in_its_file_and_called_what_it_is(edits, contracts):
    done, rows = edits
    wrong = []
    for edit in done:
        alarms = {
            (f"{row['source']}.{row['table_name']}", row["field"], row["kind"])
            for row in rows
            if row["file"] == edit.file and not row["is_settled"]
        }
        if alarms != {(edit.table, edit.field, edit.kind)}:
            wrong.append((edit, alarms))
    assert not wrong, "\n".join(map(str, wrong))
    assert len(done) == EDITS


def test_a_renamed_field_is_told_with_what_stands_in_its_place(edits):
    done, rows = edits
    names = {(row["file"], row["field"]): row["after"] for row in rows if row["kind"] == "renamed"}
    renamed = [edit for edit in done if edit.kind == "renamed"]
    assert len(renamed) > 20
    assert {edit: names[edit.file, edit.field] for edit in renamed} == {
        # headers are compared without their capitals
        edit: edit.takes_its_place.lower() if edit.file.endswith(".csv") else edit.takes_its_place
        for edit in renamed
    }


def test_a_field_that_nobody_declared_is_noted_once_and_alarms_nobody(edits):
    _, rows = edits
    added = [row for row in rows if row["field"].startswith("added_")]
    assert len({row["file"] for row in added}) > 20
    assert {row["kind"] for row in added} == {"new field"}
    assert all(row["is_settled"] for row in added)
    metrics = [(row["metric"], row["field"]) for row in added]
    assert len(metrics) == len(set(metrics))


def test_every_metric_that_locks_the_field_is_told(edits, contracts):
    done, rows = edits
    for edit in done:
        told = {
            row["metric"] for row in rows if (row["file"], row["kind"]) == (edit.file, edit.kind)
        }
        assert told == {
            each.metric
            for each in contracts
            if edit.field in each.data.locked_fields.get(edit.table, {})
        }


@pytest.mark.parametrize("seed", range(10, 20))
def test_the_exports_of_the_next_day_alarm_nobody(launched, contracts, seed):
    world = launched(seed)
    generate_day(world.exports, CONVERSATIONS, seed, new=60, updated=30)
    assert any(report.status == "loaded" for report in world.load())
    assert [row for row in found(world, contracts) if not row["is_settled"]] == []
    world.close()

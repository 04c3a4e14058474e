"""Edits of locked fields are found where they happened and called what they are; what is no edit alarms nobody."""

from __future__ import annotations

import random
from collections import Counter

import edited_tables
import field_edits
import pytest
from field_edits import Edit
from launched_world import CONVERSATIONS, found, launched

from contracts.contract import Contract
from orchestration import warehouse
from orchestration.rows import Row
from orchestration.synthetic import generate, generate_day

EDITS = 200


@pytest.fixture(scope="module")
def contracts() -> list[Contract]:
    """Those that are shipped, and one that locks what they do not."""
    shipped = list(warehouse.read_metric_contracts().contracts)
    return [*shipped, edited_tables.besides(shipped[0])]


def locked(contracts: list[Contract]) -> dict[str, list[str]]:
    """Every table that a contract locks, with its fields."""
    fields: dict[str, set[str]] = {}
    for each in contracts:
        for table, names in each.data.locked_fields.items():
            fields.setdefault(table, set()).update(names)
    return {table: sorted(fields[table]) for table in sorted(fields)}


@pytest.fixture(scope="module")
def edits(contracts, tmp_path_factory) -> tuple[list[Edit], list[Row]]:
    """Two hundred edits, each in a file of its own, after the launch; and what was found."""
    chance = random.Random(2026)
    later = tmp_path_factory.mktemp("later")
    generate(later, CONVERSATIONS, 6)
    edited_tables.add(later)
    fields = locked(contracts)
    records = {table: edited_tables.read(later, table)[: field_edits.RECORDS] for table in fields}
    world, done = launched(tmp_path_factory.mktemp("edits") / "world", 5, contracts), []
    for number in range(EDITS):
        kind, table, field = field_edits.drawn(chance, number, fields)
        edit, text = field_edits.edited(chance, number, kind, table, field, records[table])
        world.put(edit.file, text)
        done.append(edit)
    world.load()
    rows = found(world, contracts)
    world.close()
    return done, rows


def test_every_edit_is_found_in_its_file_and_called_what_it_is(edits):
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


def test_every_table_that_a_contract_locks_is_edited_and_every_kind_of_edit_is_made(
    edits, contracts
):
    """
    Of edits that change a unit, most are to what measures something.
    """
    done, _ = edits
    assert {edit.table for edit in done} == {*locked(contracts)} == {*edited_tables.FILES}
    kinds = Counter(edit.kind for edit in done)
    assert kinds.keys() == {"renamed", "gone", "retyped", "emptied", "new values", "rescaled"}
    assert min(kinds.values()) >= 10, kinds
    rescaled = [
        field_edits.measures(edit.table, edit.field) for edit in done if edit.kind == "rescaled"
    ]
    assert sum(rescaled) > len(rescaled) / 2


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
def test_the_exports_of_the_next_day_alarm_nobody(contracts, tmp_path, seed):
    world = launched(tmp_path / "world", seed, contracts)
    generate_day(world.exports, CONVERSATIONS, seed, new=60, updated=30)
    assert any(report.status == "loaded" for report in world.load())
    assert [row for row in found(world, contracts) if not row["is_settled"]] == []
    world.close()

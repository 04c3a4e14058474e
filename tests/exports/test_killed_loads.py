"""What a load leaves that was killed, ran out of disk or lost its files."""

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from export_world import DECLARED, World, tickets, zipped

from contracts.errors import ExportError
from orchestration.exports.reports import Progress


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "assay") as made:
        yield made


FEW = [one for one in DECLARED if one.source == "zendesk" and one.table in ("tickets", "users")]


class Killed(BaseException):
    """Stands for a kill: nothing in the loader may catch it."""


def test_a_load_killed_between_any_two_steps_leaves_nothing_half(tmp_path: Path) -> None:
    survived = 0
    for step in range(99):
        with World(tmp_path / str(step), FEW) as world:
            world.put("zendesk/tickets-1.ndjson", tickets(1, 2, 2))
            world.put("zendesk/tickets-2.ndjson", tickets(2, 3) + "broken\n")
            killed = load_killed_at(world, step)
            assert_nothing_is_half(world, "select export_seq from raw.unfinished")
            world.load()
            assert_nothing_is_half(world, "select -1")
            world.assert_everything_counted()
            found = world.rows("select id from raw.zendesk_tickets order by id")
            assert found == [("1",), ("2",), ("3",)]
            assert world.ledger.connection.execute(
                "select export_seq, kept, duplicates, quarantined from exports order by all"
            ).fetchall() == [(1, 2, 1, 0), (2, 1, 1, 1)]
            if not killed:
                break
            survived += 1
    assert survived >= 9


def load_killed_at(world: World, step: int) -> bool:
    """Load until the given step, then leave the files as a kill would; whether it came to that."""
    left = iter(range(step))

    def kill(_: Progress) -> None:
        if next(left, None) is None:
            raise Killed

    try:
        # A killed process tidies nothing up.
        with patch("orchestration.exports.load._Load._clean_up"):
            world.load(kill)
    except Killed:
        world.close()
        world.open()
        return True
    return False


def assert_nothing_is_half(world: World, unfinished: str) -> None:
    """Whatever is stored belongs to an export that counts, or is marked to be removed."""
    counted = f"select export_seq from raw.exports where status = 'loaded' union all {unfinished}"
    for table in ("zendesk_tickets", "duplicates", "quarantine", "field_profiles"):
        half = f"select * from raw.{table} where export_seq not in ({counted})"
        assert world.rows(half) == []


def test_what_a_killed_process_left_uncounted_is_removed_before_the_next_load(
    world: World,
) -> None:
    world.load_one("zendesk/tickets-1.ndjson", tickets(1))
    world.rows(
        "insert into raw.zendesk_tickets (source, export_seq, id) values ('zendesk', 2, '9')"
    )
    world.rows("insert into raw.unfinished values (2, 'zendesk_tickets')")
    world.load_one("zendesk/tickets-2.ndjson", tickets(2))
    assert world.rows("select id, export_seq from raw.zendesk_tickets order by id") == [
        ("1", 1),
        ("2", 2),
    ]


def test_what_a_killed_process_left_unpacked_is_removed(world: World) -> None:
    left = world.folder / ".assay-loading-left"
    left.mkdir()
    world.load_one("zendesk/tickets.ndjson", tickets(1))
    assert not left.exists()


def test_the_ledger_catches_up_with_a_build_whose_load_was_killed_before_it_was_told(
    world: World,
) -> None:
    world.load_one("zendesk/tickets.ndjson", tickets(1))
    world.ledger.connection.execute("delete from exports; delete from field_profiles")
    world.load()
    assert world.ledger.connection.execute("select export_seq from exports").fetchall() == [(1,)]


def test_a_full_disk_stops_the_load_and_keeps_what_was_loaded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.load_one("zendesk/tickets-1.ndjson", tickets(1))
    world.put("zendesk/tickets-2.zip", zipped(tickets__json=tickets(2)))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("orchestration.exports.received._unpack", full)
        with pytest.raises(ExportError, match="the disk is full"):
            world.load()
    assert world.rows("select id from raw.zendesk_tickets") == [("1",)]
    assert {report.status for report in world.load()} == {"known", "loaded"}


def test_an_export_that_is_gone_is_said_to_be_gone(world: World) -> None:
    world.load_one("zendesk/tickets.ndjson", tickets(1))
    (world.exports / "zendesk/tickets.ndjson").rename(world.exports / "zendesk/tickets-2.ndjson")
    with pytest.raises(ExportError, match=r"tickets\.ndjson is no longer among the exports"):
        world.raw("zendesk:1")
    world.load()
    assert world.raw("zendesk:1")[0].file == "zendesk/tickets-2.ndjson"

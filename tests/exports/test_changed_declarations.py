"""A declaration that is corrected reaches the files loaded before, under their numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from export_world import DECLARED, World

from contracts.exports import ExportDeclaration

FRESHDESK = "freshdesk/tickets.csv"
OPENED_AT_NINE = (
    "Ticket ID,Created time,Last update time,Subject,Status\n"
    "1,2026-03-02 09:00:00,2026-03-02 10:00:00,hello,Open\n"
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as opened:
        # stands for models built since: the build begins anew without it
        opened.work.execute("create schema build; create table build.generation as select 1 as id")
        yield opened


def redeclared(table: str, **changes: object) -> list[ExportDeclaration]:
    """The project's declarations with another word in the one of a table."""
    return [
        one.model_copy(update=changes) if f"{one.source}.{one.table}" == table else one
        for one in DECLARED
    ]


def opened_at(world: World) -> list[tuple[int, int, int]]:
    return world.rows(
        "select export_seq, position, hour(opened_at) from raw.csv_conversations order by all"
    )


def is_built_anew(world: World) -> bool:
    return not world.rows("select 1 from duckdb_tables() where table_name = 'generation'")


def test_another_time_zone_moves_the_times_of_a_file_loaded_before(world: World) -> None:
    world.load_one(FRESHDESK, OPENED_AT_NINE)
    world.load_one("freshdesk/more.csv", OPENED_AT_NINE.replace("\n1,", "\n2,"))
    assert opened_at(world) == [(1, 1, 9), (2, 1, 9)]
    world.declared = redeclared("freshdesk.tickets", time_zone="Asia/Tokyo")
    assert [report.status for report in world.load()] == ["loaded", "loaded"]
    assert opened_at(world) == [(1, 1, 0), (2, 1, 0)]
    assert is_built_anew(world)
    world.assert_everything_counted()
    assert [report.status for report in world.load()] == ["known", "known"]


def test_a_declaration_of_another_table_leaves_a_file_alone(world: World) -> None:
    world.load_one(FRESHDESK, OPENED_AT_NINE)
    world.declared = redeclared("zendesk.admin_csv", time_zone="Asia/Tokyo")
    assert [report.status for report in world.load()] == ["known"]
    world.declared = redeclared("freshdesk.tickets", files="tick*.csv")
    assert [report.status for report in world.load()] == ["known"]
    assert not is_built_anew(world)


def test_a_file_that_is_gone_keeps_its_records_and_the_run_says_so(world: World) -> None:
    world.load_one(FRESHDESK, OPENED_AT_NINE)
    world.put("freshdesk/more.csv", OPENED_AT_NINE.replace("\n1,", "\n2,"))
    (world.exports / FRESHDESK).unlink()
    world.declared = redeclared("freshdesk.tickets", time_zone="Asia/Tokyo")
    gone = world.load()[-1]
    assert opened_at(world) == [(1, 1, 9), (2, 1, 0)]
    assert gone.sentence.startswith(f"{FRESHDESK}: its declaration has changed")
    world.put(FRESHDESK, OPENED_AT_NINE)
    world.load()
    assert opened_at(world) == [(1, 1, 0), (2, 1, 0)]


def test_the_same_content_under_another_name_is_read_again(world: World) -> None:
    world.load_one(FRESHDESK, OPENED_AT_NINE)
    (world.exports / FRESHDESK).rename(world.exports / "freshdesk/renamed.csv")
    world.declared = redeclared("freshdesk.tickets", time_zone="Asia/Tokyo")
    assert [report.status for report in world.load()] == ["loaded"]
    assert opened_at(world) == [(1, 1, 0)]
    # no later export says that models have seen this number
    assert is_built_anew(world)


def test_a_member_of_a_zip_is_read_again(world: World) -> None:
    import zipfile

    archive = world.exports / "freshdesk" / "all.zip"
    archive.parent.mkdir()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("tickets.csv", OPENED_AT_NINE)
    world.load()
    world.declared = redeclared("freshdesk.tickets", time_zone="Asia/Tokyo")
    world.load()
    assert opened_at(world) == [(1, 1, 0)]
    assert [report.status for report in world.load()] == ["known"]


def test_a_load_killed_between_forgetting_and_reading_is_made_up_for(world: World) -> None:
    world.load_one(FRESHDESK, OPENED_AT_NINE)
    declared = redeclared("freshdesk.tickets", time_zone="Asia/Tokyo")
    world.declared = declared

    def stop(progress: object) -> None:
        if getattr(progress, "phase", "") == "checking":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.load(stop)
    assert world.rows("select count(*) from raw.exports") == [(0,)]
    world.load()
    assert opened_at(world) == [(1, 1, 0)]

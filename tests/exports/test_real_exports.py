"""Real exports, through the project's own declarations and nothing else."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from export_world import SHARED, World, needs_shared_data

pytestmark = needs_shared_data


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "assay") as made:
        yield made


def test_the_four_complaint_files_load_and_the_cut_record_is_quarantined(world: World) -> None:
    shutil.copytree(SHARED / "cfpb", world.exports / "cfpb", ignore=shutil.ignore_patterns("*.md"))
    counts = {one.file: (one.kept, one.duplicates, one.quarantined) for one in world.load()}
    assert counts == {
        "cfpb/complaints_2015_2020.csv": (6_623, 0, 0),
        "cfpb/complaints_2015q1_no_text.csv": (28_156, 0, 0),
        "cfpb/complaints_2017_small.csv": (145, 0, 0),
        "cfpb/complaints_2023_truncated.csv": (2_067, 0, 1),
    }
    world.assert_everything_counted()
    assert world.rows("select position, left(text, 10) from raw.quarantine") == [
        (2_068, "2023-07-17")
    ]
    assert world.rows(
        "select timezone('America/New_York', opened_at)::varchar, text, queue, tags "
        "from raw.csv_conversations where id = '1291006'"
    ) == [
        (
            "2015-03-19 00:00:00",
            None,
            "Debt collection",
            ["Debt collection", "Communication tactics"],
        )
    ]


def test_the_incident_log_keeps_every_update(world: World) -> None:
    (world.exports / "incidents").mkdir()
    shutil.copy(SHARED / "uci_incident_log/incident_event_log.csv", world.exports / "incidents")
    report = world.load()[0]
    assert report.seen == 5_998
    world.assert_everything_counted()
    latest = (
        "select * from raw.csv_conversations "
        "qualify row_number() over (partition by id order by updated_at desc, version desc) = 1"
    )
    assert world.rows(
        f"select count(*), round(avg(sla_met::int), 3), count(*) filter (reopens > 0) from ({latest})"
    ) == [(890, 0.556, 10)]


def test_the_zendesk_pages_of_declared_kinds_load_and_the_others_are_named(world: World) -> None:
    shutil.copytree(SHARED / "zendesk_api_gozendesk", world.exports / "zendesk")
    reports = {one.file.removeprefix("zendesk/"): one for one in world.load()}
    read = {one.table for one in reports.values() if one.status == "loaded"}
    assert read == {
        "audits",
        "comments",
        "groups",
        "organizations",
        "sla_policies",
        "tickets",
        "users",
    }
    assert reports["ticket_show_many.json"].seen == 2
    assert "does not declare" in str(reports["brands.json"].reason)
    world.assert_everything_counted()
    record = world.raw("zendesk:2")[0]
    assert record.text == (SHARED / "zendesk_api_gozendesk/ticket.json").read_text().strip()

"""Loading as a whole: each content once, archives, counts stated elsewhere, profiles."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from export_world import World, tickets, zipped

from contracts.errors import ContractError
from contracts.exports import ControlTotal
from orchestration.exports.reports import Progress


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "assay") as made:
        yield made


# Each content once


def test_the_same_content_under_another_name_adds_nothing(world: World) -> None:
    world.load_one("zendesk/tickets-1.ndjson", tickets(1, 2))
    report = world.load_one("zendesk/tickets-copy.ndjson", tickets(1, 2))
    assert (report.status, report.export_seq) == ("known", 1)
    assert world.rows("select count(*) from raw.zendesk_tickets") == [(2,)]


def test_a_second_load_reads_no_file(world: World) -> None:
    world.put("zendesk/tickets.ndjson", tickets(1))
    world.put("zendesk/more.zip", zipped(tickets__json=tickets(2)))
    world.load()
    phases: list[Progress] = []
    assert {report.status for report in world.load(phases.append)} == {"known"}
    assert phases == []


def test_overlapping_windows_add_only_what_is_new(world: World) -> None:
    world.load_one("zendesk/tickets-1.ndjson", tickets(1, 2, 3))
    report = world.load_one("zendesk/tickets-2.ndjson", tickets(2, 3, 4))
    assert (report.seen, report.kept, report.duplicates) == (3, 1, 2)
    assert world.rows("select position, id from raw.duplicates order by all") == [
        (1, "2"),
        (2, "3"),
    ]


def test_a_large_file_is_digested_beside_and_still_known_under_another_name(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.exports.load_file.DIGEST_FIRST_BYTES", 0)
    world.load_one("zendesk/tickets-1.ndjson", tickets(1, 2))
    assert world.load_one("zendesk/tickets-2.ndjson", tickets(1, 2)).status == "known"
    monkeypatch.setattr("orchestration.exports.known.KnownExports.may_be_known", lambda *_: False)
    assert world.load_one("zendesk/tickets-3.ndjson", tickets(1, 2)).status == "known"
    assert world.rows("select count(*) from raw.zendesk_tickets") == [(2,)]
    assert world.rows("from raw.unfinished") == []


def test_the_order_of_names_decides_not_the_order_of_the_folder(world: World) -> None:
    for name in ("tickets-c", "tickets-a", "tickets-b"):
        world.put(f"zendesk/{name}.ndjson", tickets(1, ord(name[-1])))
    world.load()
    assert world.rows("select file, export_seq, kept from raw.exports order by export_seq") == [
        ("zendesk/tickets-a.ndjson", 1, 2),
        ("zendesk/tickets-b.ndjson", 2, 1),
        ("zendesk/tickets-c.ndjson", 3, 1),
    ]


def test_a_rebuild_gives_every_export_its_number_again(world: World) -> None:
    world.load_one("zendesk/tickets-b.ndjson", tickets(1, 2))
    world.load_one("zendesk/tickets-a.ndjson", tickets(2, 3))
    query = "select export_seq, position, id from raw.zendesk_tickets order by all"
    before = world.rows(query)
    world.forget_build()
    world.load()
    assert world.rows(query) == before
    assert world.ledger.connection.execute("select count(*) from exports").fetchall() == [(2,)]


def test_the_ledger_knows_every_export_and_its_fields_once(world: World) -> None:
    world.load_one("zendesk/tickets.ndjson", tickets(1))
    world.load_one("zendesk/bad.json", "<html>")
    world.ledger.record(world.work)
    world.ledger.record(world.work)
    rows = world.ledger.connection.execute(
        "select status, seen from exports order by status"
    ).fetchall()
    assert rows == [("loaded", 1), ("refused", 0)]
    assert world.ledger.connection.execute(
        "select present, json_types from field_profiles where field = 'id'"
    ).fetchall() == [(1, ["BIGINT"])]


def test_a_field_declared_later_gets_its_column(world: World) -> None:
    world.load_one("zendesk/tickets-1.ndjson", tickets(1))
    world.declared = [
        one.model_copy(update={"columns": {**one.columns, "recipient": "varchar"}})
        for one in world.declared
    ]
    world.load_one(
        "zendesk/tickets-2.ndjson",
        '{"ticket": {"id": 2, "created_at": "2026-01-01T00:00:00Z", "recipient": "a@b"}}\n',
    )
    assert world.rows("select id, recipient from raw.zendesk_tickets order by id") == [
        ("1", None),
        ("2", "a@b"),
    ]


def test_a_type_duckdb_does_not_know_is_a_declaration_error(world: World) -> None:
    world.put("zendesk/tickets.ndjson", tickets(1))
    world.declared = [
        one.model_copy(update={"columns": {**one.columns, "x": "struct(a varchar"}})
        for one in world.declared
    ]
    with pytest.raises(ContractError, match="is declared struct"):
        world.load()


# Archives


def test_each_member_of_a_zip_is_an_export_of_its_own(world: World) -> None:
    world.put(
        "zendesk/export.zip",
        zipped(
            export_1__json=tickets(1, 2),
            users__json='{"user": {"id": 5, "role": "agent"}}\n',
            bad__json="<html>",
            __DS_Store="x",
        ),
    )
    reports = {report.file: report for report in world.load()}
    assert reports["zendesk/export.zip/export_1.json"].kept == 2
    assert reports["zendesk/export.zip/users.json"].table == "users"
    assert reports["zendesk/export.zip/bad.json"].status == "refused"
    assert len(reports) == 3
    assert [one.text for one in world.raw("zendesk:2")] == [tickets(2).strip()]
    assert {one.status for one in world.load()} == {"known", "refused"}


def test_a_damaged_member_is_refused_and_its_neighbours_load(world: World) -> None:
    content = bytearray(zipped(a__json=tickets(*range(1, 300)), tickets__json=tickets(1)))
    content[60] ^= 0xFF
    world.put("zendesk/export.zip", bytes(content))
    statuses = {report.file: report.status for report in world.load()}
    assert statuses == {
        "zendesk/export.zip/a.json": "refused",
        "zendesk/export.zip/tickets.json": "loaded",
    }


# Counts stated elsewhere


def test_expected_counts_are_an_export_of_their_own(world: World) -> None:
    world.put("zendesk/tickets.ndjson", tickets(1))
    world.put(
        "zendesk/expected.csv",
        "day,slice_kind,slice,expected\n2026-01-01,,,5\n2026-01-01,queue,Billing,3\n"
        "2026-01-01,queue,Billing,4\nyesterday,,,1\n2026-01-02,queue,,1\n2026-01-03,,,-1\n"
        "2026-01-03,brand,Acme,1\n",
    )
    report = next(one for one in world.load() if one.table == "expected")
    assert (report.seen, report.kept, report.quarantined) == (7, 2, 5)
    assert world.rows("select reason from raw.quarantine where position = 7") == [
        ("has the slice_kind brand: write queue, language, channel, segment",)
    ]
    assert world.rows(
        "select source, day::varchar, slice_kind, slice, expected, witness from raw.expected_counts"
    ) == [
        ("zendesk", "2026-01-01", None, None, 5, "manifest"),
        ("zendesk", "2026-01-01", "queue", "Billing", 3, "manifest"),
    ]


def test_declared_control_totals_are_those_declared_now(world: World) -> None:
    world.put("zendesk/tickets.ndjson", tickets(1))
    for expected in (5, 7):
        totals = (ControlTotal(day="2026-01-01", expected=expected),)  # type: ignore[arg-type]
        world.declared = [
            one.model_copy(update={"control_totals": totals if one.table == "audits" else ()})
            for one in world.declared
        ]
        world.load()
        assert world.rows("select source, expected, witness from raw.expected_counts") == [
            ("zendesk", expected, "declared")
        ]


def test_an_unknown_conversation_has_no_records(world: World) -> None:
    world.load_one("zendesk/tickets.ndjson", tickets(1))
    assert world.raw("zendesk:77") == []
    assert world.raw("intercom:1") == []
    assert len(world.raw("1")) == 1


# Profiles


def test_a_profile_shows_renamed_retyped_and_unknown_fields(world: World) -> None:
    lines = [
        {
            "id": 1,
            "created_at": "2026-01-01T00:00:00Z",
            "priority": "high",
            "subject": "a@b.c",
            "brand_new": True,
        },
        {
            "id": 2,
            "created_at": "2026-01-01T00:00:00Z",
            "priority": None,
            "subject": "x",
            "brand_new": "yes",
        },
    ]
    world.load_one(
        "zendesk/tickets.ndjson", "".join(json.dumps({"ticket": x}) + "\n" for x in lines)
    )
    profiles = {
        row[0]: row[1:]
        for row in world.rows(
            "select field, is_declared, present, records, json_types, null_share, value_set "
            "from raw.field_profiles"
        )
    }
    assert profiles["priority"] == (True, 1, 2, ["NULL", "VARCHAR"], 0.5, ["high"])
    assert profiles["brand_new"] == (False, 2, 2, ["BOOLEAN", "VARCHAR"], 0.0, None)
    assert profiles["subject"][-1] is None
    assert profiles["status"] == (True, 0, 2, [], 1.0, None)

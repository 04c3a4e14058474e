"""Loading as a whole: what is refused, what is loaded twice, what a killed load leaves."""

import gzip
import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from export_world import DECLARED, World

from contracts.errors import ContractError, ExportError
from contracts.exports import ControlTotal
from orchestration.exports.reports import Progress


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "assay") as made:
        yield made


def tickets(*numbers: int) -> str:
    return "".join(
        json.dumps({"ticket": {"id": number, "created_at": "2026-01-01T00:00:00Z"}}) + "\n"
        for number in numbers
    )


def zipped(**members: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return packed.getvalue()


# What is refused


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("tickets.json", b"", "the file is empty"),
        ("tickets.json", b"  \n ", "the file is empty"),
        ("tickets.json", b"<!DOCTYPE html><html>", "this is a web page"),
        ("tickets.csv", b"\n<HTML><body>", "this is a web page"),
        ("tickets.csv", b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
        ("tickets.csv", b"Archive:  x.zip\n  inflating: a\nId\n", "the output of unzip"),
        ("tickets.csv", "Id,Created at\n1,2".encode("utf-16"), "the text is UTF-16"),
        ("tickets.csv", "Id,Created at\n1,2".encode("utf-16-le"), "the text is UTF-16"),
        ("tickets.json", b"BZh91AY", "a bzip2 archive"),
        ("tickets.json", b"[]", "no record"),
        ("tickets.json", b'{"tickets": []}', "no record"),
        (
            "tickets.json.gz",
            gzip.compress(tickets(*range(999)).encode())[:-30],
            "gzip archive ends",
        ),
        ("tickets.zip", zipped(tickets__json=tickets(1))[:-40], "the zip archive ends too early"),
        ("tickets.zip", zipped(), "an empty archive"),
        ("book.zip", zipped(**{"[Content_Types].xml": "x"}), "an Excel workbook"),
        ("tickets.json", b"\0" * 500, "UTF-16"),
    ],
)
def test_what_is_no_export_is_refused_in_one_sentence_and_the_others_load(
    world: World, name: str, content: bytes, reason: str
) -> None:
    world.put(f"zendesk/{name}", content)
    world.put("zendesk/tickets-good.ndjson", tickets(1))
    by_file = {report.file: report for report in world.load()}
    assert by_file[f"zendesk/{name}"].status == "refused"
    assert reason in str(by_file[f"zendesk/{name}"].reason)
    assert by_file["zendesk/tickets-good.ndjson"].kept == 1
    assert world.rows("select count(*) from raw.exports where status = 'refused'") == [(1,)]


def test_a_folder_named_like_a_file_is_refused(world: World) -> None:
    (world.exports / "zendesk/tickets.csv").mkdir(parents=True)
    world.put("zendesk/tickets.ndjson", tickets(1))
    reasons = {report.file: report.reason for report in world.load()}
    assert "a folder named like a file" in str(reasons["zendesk/tickets.csv"])


def test_a_dangling_link_is_refused_as_unreadable(world: World) -> None:
    world.put("zendesk/tickets.ndjson", tickets(1))
    (world.exports / "zendesk/tickets-2.ndjson").symlink_to("nowhere")
    reasons = {report.file: report.reason for report in world.load()}
    assert "cannot be read (No such file" in str(reasons["zendesk/tickets-2.ndjson"])


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_without_permission_is_refused_and_loads_once_it_is_given(world: World) -> None:
    path = world.put("zendesk/tickets.ndjson", tickets(1))
    path.chmod(0)
    assert world.load()[0].status == "refused"
    path.chmod(0o600)
    assert world.load()[0].status == "loaded"


def test_files_still_being_written_and_hidden_files_are_left_alone(world: World) -> None:
    for name in (".hidden", "tickets.json.part", "tickets.tmp", "tickets.json.crdownload"):
        world.put(f"zendesk/{name}", tickets(1))
    world.put("zendesk/tickets.ndjson", tickets(2))
    assert [report.file for report in world.load()] == ["zendesk/tickets.ndjson"]


def test_files_beside_the_source_folders_are_never_read(world: World) -> None:
    world.put("truth.parquet", b"PAR1")
    world.put("tickets.ndjson", tickets(9))
    world.put("zendesk/2026/tickets.ndjson", tickets(1))
    assert [report.file for report in world.load()] == ["zendesk/2026/tickets.ndjson"]


def test_a_folder_of_no_source_is_named_with_the_sources_there_are(world: World) -> None:
    world.put("zendsk/tickets.ndjson", tickets(1))
    world.put("zendesk/tickets.ndjson", tickets(1))
    report = next(one for one in world.load() if one.source == "zendsk")
    assert "no source is called zendsk" in str(report.reason)
    assert "Did you mean zendesk?" in str(report.reason)


def test_the_files_of_one_source_may_lie_directly_in_the_folder(world: World) -> None:
    world.put("complaints.csv", "Complaint ID,Date received\n1,2026-01-01\n")
    report = world.load()[0]
    assert (report.source, report.file, report.kept) == ("cfpb", "complaints.csv", 1)
    assert world.raw("cfpb:1")[0].text == "1,2026-01-01"


def test_files_of_no_source_directly_in_the_folder_say_where_to_put_them(world: World) -> None:
    world.put("notes.txt", "hello\n")
    with pytest.raises(ExportError, match="Put them into a folder named after their source"):
        world.load()


def test_an_empty_folder_a_missing_one_and_a_file_are_export_errors(world: World) -> None:
    with pytest.raises(ExportError, match="holds no export"):
        world.load()
    world.exports.rmdir()
    with pytest.raises(ExportError, match="does not exist"):
        world.load()
    world.exports.write_text("x")
    with pytest.raises(ExportError, match="is a file"):
        world.load()


def test_a_refused_file_is_loaded_once_it_is_whole(world: World) -> None:
    world.load_one("zendesk/tickets.json", '{"tickets": [')
    again = world.load_one("zendesk/tickets.json", tickets(1))
    assert again.status == "loaded"
    assert world.rows("select status from raw.exports") == [("loaded",)]


def test_a_refused_file_is_not_read_again_until_its_declaration_changes(world: World) -> None:
    world.put("freshdesk/a.csv", "Ticket ID;Created time\n1;2026-01-01 10:00\n")
    phases: list[str] = []
    assert world.load()[0].status == "refused"
    assert world.load(lambda at: phases.append(at.phase))[0].status == "refused"
    assert phases == []
    world.declared = [one.model_copy(update={"delimiter": ";"}) for one in world.declared]
    assert world.load()[0].status == "loaded"


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
        ("has the slice_kind brand: write queue, language, channel",)
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


# Killed


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

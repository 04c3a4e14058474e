"""Files that are no export: what is said of them, and when they are read again."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from export_world import World, tickets, zipped

from contracts.errors import ExportError


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "assay") as made:
        yield made


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

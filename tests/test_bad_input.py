"""What a hostile new user tries: each gets a clear sentence, and nothing stored is lost."""

from __future__ import annotations

import json
import shutil

import pytest
from comparing import differing_marts
from running import assay


def test_an_empty_folder_is_bad_input(tmp_path):
    (tmp_path / "exports").mkdir()
    ended = assay("run", "--exports", tmp_path / "exports", data=tmp_path / "data")
    assert ended.code == 2
    assert "exports" in ended.err
    assert "Traceback" not in ended.err


def test_a_file_instead_of_a_folder_is_bad_input(tmp_path):
    file = tmp_path / "tickets.json"
    file.write_text("{}")
    ended = assay("run", "--exports", file, data=tmp_path / "data")
    assert ended.code == 2
    assert "tickets.json" in ended.err


def test_a_folder_that_is_not_there_is_bad_input(tmp_path):
    ended = assay("run", "--exports", tmp_path / "nowhere", data=tmp_path / "data")
    assert ended.code == 2
    assert "nowhere" in ended.err


def test_status_before_any_run_says_what_to_do(tmp_path):
    ended = assay("status", data=tmp_path)
    assert ended.code == 2
    assert "assay run" in ended.err


@pytest.fixture
def hostile(world, tmp_path):
    """The world with hostile files beside it."""
    exports = tmp_path / "exports"
    shutil.copytree(world, exports)
    zendesk = exports / "zendesk"
    ticket = {
        "id": 9_999_999_999_999,
        "created_at": "2026-05-04T10:00:00Z",
        "updated_at": "2026-05-04T10:00:00Z",
        "generated_timestamp": 1_777_888_999,
        "status": "open",
        "subject": '<script>alert(1)</script> =HYPERLINK("x") \'; drop table marts.exports; --',
        "description": "write to eve@example.org",
        "tags": [f"tag_{number}" for number in range(10_000)],
        "requester_id": 1,
    }
    lines = [
        json.dumps({"ticket": ticket}),
        json.dumps({"ticket": {**ticket, "id": "5.70306E+17"}}),
        '{"ticket": {"id": 9999999999998, "subject": "cut off he',
    ]
    (zendesk / "tickets-hostile.ndjson").write_text("\n".join(lines) + "\n")
    (zendesk / "tickets-page.json").write_text("<!DOCTYPE html><html><body>sign in</body></html>")
    (zendesk / "tickets-pointer.json").write_text(
        "version https://git-lfs.github.com/spec/v1\noid x"
    )
    (zendesk / "tickets-empty.ndjson").write_text("")
    (zendesk / "tickets-folder.ndjson").mkdir()
    return exports


def test_hostile_files_are_refused_one_by_one_and_everything_else_loads(built, copy_of, hostile):
    again = copy_of(built)
    ended = assay("run", "--exports", hostile, data=again.data)
    assert ended.code == 0, ended.out + ended.err
    refused = dict(again.rows("select file, reason from marts.exports where status = 'refused'"))
    names = {file.rsplit("/", 1)[-1] for file in refused}
    assert {"tickets-page.json", "tickets-pointer.json", "tickets-empty.ndjson"} <= names
    (counts,) = again.rows(
        "select seen, kept, quarantined from marts.exports where file like '%tickets-hostile.ndjson'"
    )
    assert counts == (3, 1, 2)
    before = built.value("select count(*) from marts.fct_conversations")
    assert again.value("select count(*) from marts.fct_conversations") == before + 1
    (subject, tags) = again.rows(
        "select subject, len(raw_tags) from marts.fct_conversations"
        " where conversation_id = 'zendesk:9999999999999'"
    )[0]
    assert "<script>" in subject
    assert tags == 10_000


def test_a_blocked_build_is_not_published_and_says_which_check_and_what_to_do(built, copy_of):
    """
    A record taken out of the bookkeeping breaks seen = kept + duplicates + quarantined.
    """
    import duckdb

    broken = copy_of(built)
    before = broken.published.resolve()
    with duckdb.connect(str(broken.data / "work.duckdb")) as work:
        work.execute("update raw.exports set kept = kept - 1 where table_name = 'tickets'")
    ended = assay("run", "--exports", broken.exports, data=broken.data)
    assert ended.code == 1, ended.out + ended.err
    assert "Blocked" in ended.out
    assert "seen" in ended.out
    assert broken.published.resolve() == before
    assert differing_marts(built.published, broken.published) == {}

"""What a hostile new user tries: each gets a clear sentence, and nothing stored is lost."""

from __future__ import annotations

import io
import json
import shutil
import subprocess

import duckdb
import pytest
from comparing import differing_marts
from rich.console import Console
from running import assay, assay_of, checkout

from orchestration import run_failure
from orchestration.progress import PlainProgress
from orchestration.scorecard import QUARANTINE_QUERY
from orchestration.stores import Stores


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


def test_exports_of_which_no_record_can_be_read_are_bad_input_and_no_fault_of_the_models(tmp_path):
    zendesk = tmp_path / "exports" / "zendesk"
    zendesk.mkdir(parents=True)
    (zendesk / "tickets.json").write_text("<!DOCTYPE html>")
    ended = assay("run", "--exports", tmp_path / "exports", data=tmp_path / "data")
    assert ended.code == 2
    assert "this is a web page, not an export" in ended.out
    assert "no record of any export could be read" in ended.err
    assert "marts" not in ended.out, "of nothing nothing is built"


def test_a_data_folder_that_cannot_be_written_into_sql_is_told_in_a_sentence(world, tmp_path):
    ended = assay("run", "--exports", world, data=tmp_path / "o'brien")
    assert ended.code == 2
    assert "o'brien: a data folder's path cannot hold an apostrophe" in ended.err
    assert "Traceback" not in ended.err


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
        *(f'{{"ticket": {{"id": {number}, ' for number in range(11, 21)),
    ]
    (zendesk / "tickets-hostile.ndjson").write_text("\n".join(lines) + "\n")
    (zendesk / "tickets-page.json").write_text("<!DOCTYPE html><html><body>sign in</body></html>")
    (zendesk / "tickets-pointer.json").write_text(
        "version https://git-lfs.github.com/spec/v1\noid x"
    )
    (zendesk / "tickets-empty.ndjson").write_text("")
    (zendesk / "tickets-folder.ndjson").mkdir()
    (zendesk / "tickets-late.ndjson.part").write_text("half")
    (exports / "zendesc").mkdir()
    (exports / "notes.txt").write_text("mine")
    return exports


@pytest.mark.worlds
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
    assert counts == (13, 1, 12)
    before = built.value("select count(*) from marts.fct_conversations")
    assert again.value("select count(*) from marts.fct_conversations") == before + 1
    (subject, tags) = again.rows(
        "select subject, len(raw_tags) from marts.fct_conversations"
        " where conversation_id = 'zendesk:9999999999999'"
    )[0]
    assert "<script>" in subject
    assert tags == 10_000
    for told in (
        f"and 2 more: {QUARANTINE_QUERY}",
        "Did you mean zendesk?",
        "zendesk/tickets-late.ndjson.part",
        "notes.txt",
    ):
        assert told in ended.out
    assert len(again.rows(QUARANTINE_QUERY)) == 12
    raw = assay("raw", "zendesk:9999999999998", "--exports", hostile, data=again.data)
    assert raw.code == 2
    assert "named in a quarantined record: zendesk/tickets-hostile.ndjson, record 3" in raw.err


@pytest.mark.worlds
def test_a_blocked_build_is_not_published_and_says_which_check_and_what_to_do(built, copy_of):
    """
    A record taken out of the bookkeeping breaks seen = kept + duplicates + quarantined.
    """
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
    assert "To do: Load the named export again" in ended.out
    status = assay("status", data=broken.data)
    assert status.code == 0
    assert "A later run was blocked by a check" in status.out
    assert "Load the named export again" in status.out
    assert "Conversations per driver" in status.out


def test_a_build_that_lost_an_answer_of_a_signal_is_not_published(built, copy_of):
    broken = copy_of(built)
    before = broken.published.resolve()
    with duckdb.connect(str(broken.data / "candidate.duckdb")) as candidate:
        candidate.execute(
            "delete from marts.fct_signals where signal = 'outcome' and conversation_id ="
            " (select max(conversation_id) from marts.fct_signals)"
        )
        # as a build that ends is judged
        candidate.execute("drop table build.audit")
    ended = assay("run", "--exports", broken.exports, data=broken.data)
    assert ended.code == 1, ended.out + ended.err
    assert "as many rows as conversations are in scope" in " ".join(ended.out.split())
    assert "To do: The model that answers the named signal" in ended.out
    assert broken.published.resolve() == before


@pytest.mark.worlds
def test_a_run_that_fails_lists_what_it_refused_and_status_says_why(built, copy_of):
    """
    A column the models read is renamed under them, as a damaged store would be.
    """
    broken = copy_of(built)
    exports = broken.data / "exports" / "zendesk"
    exports.mkdir(parents=True)
    (exports / "tickets-page.json").write_text("<!DOCTYPE html>")
    (exports / "tickets-cut.ndjson").write_text(
        '{"ticket": {"id": 7, "created_at": "2026-05-04T10:00:00Z"}}\n{"ticket": {"id": 8, '
    )
    with duckdb.connect(str(broken.data / "work.duckdb")) as work:
        work.execute("alter table raw.expected_counts rename column expected to gone")
    ended = assay("run", data=broken.data)
    assert ended.code == 2
    assert "this is a web page, not an export" in ended.out
    assert "tickets-cut.ndjson" in ended.out
    assert "models/marts/coverage.sql" in ended.err
    assert "readers still see" in ended.err
    later = json.loads(assay("status", "--json", data=broken.data).out)["later_failure"]
    assert later["outcome"] == "failed"
    assert "models/marts/coverage.sql" in later["reasons"][0]


def test_a_failure_is_remembered_until_a_run_comes_to_its_end(tmp_path):
    stores = Stores.at(tmp_path)
    run_failure.remember(stores, "failed", ["marts: mallory@evil.example stood in the way"])
    assert run_failure.recall(stores).reasons == ["marts: [email] stood in the way"]
    run_failure.forget(stores)
    assert run_failure.recall(stores) is None


@pytest.mark.worlds
def test_a_disk_that_fills_up_is_one_sentence_and_with_room_the_run_goes_on(built, tmp_path):
    """
    On a file system of its own, too small for the build, then made large enough.
    """
    small = tmp_path / "small"
    small.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(small)]
    if subprocess.run(mounted, check=False, capture_output=True).returncode != 0:
        pytest.skip("this user may not mount a file system, so none can be filled")
    try:
        ended = assay("run", "--exports", built.exports, data=small / "data")
        assert ended.code == 2
        assert "the disk filled up" in ended.err
        assert "Nothing that was stored is lost" in ended.err
        assert "Error" not in ended.err
        subprocess.run(["mount", "-o", "remount,size=500m", str(small)], check=True)
        again = assay("run", "--exports", built.exports, data=small / "data")
        assert again.code == 0, again.err
        assert differing_marts(built.published, small / "data/published/assay.duckdb") == {}
    finally:
        subprocess.run(["umount", "--lazy", str(small)], check=True)


def test_another_world_is_not_written_over_without_being_told_to(world, tmp_path):
    shutil.copytree(world, tmp_path / "exports")
    ended = assay("generate", "--conversations", 9, "--out", tmp_path / "exports", data=tmp_path)
    assert ended.code == 2
    assert "holds another synthetic export (3,000 conversations, seed 7" in ended.err
    assert "--replace" in ended.err


def test_a_step_that_never_began_took_no_time_at_all():
    out = io.StringIO()
    PlainProgress(Console(file=out)).done("exports", "0 new")
    assert out.getvalue() == "exports done in 0.0 s 0 new\n"


@pytest.mark.worlds
def test_a_seed_that_breaks_its_rule_is_told_by_file_column_and_rule(built, copy_of, tmp_path):
    product = checkout(tmp_path / "product")
    seed = product / "dbt_project" / "seeds" / "taxonomy" / "drivers.csv"
    lines = seed.read_text(encoding="utf-8").splitlines()
    seed.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    ended = assay_of(product, "run", "--exports", built.exports, data=copy_of(built).data)
    assert ended.code == 2
    assert "dbt_project/seeds/taxonomy/drivers.csv, column driver: expected that" in ended.err
    assert "Mend the seed and run again." in ended.err
    assert "configured to fail" not in ended.err

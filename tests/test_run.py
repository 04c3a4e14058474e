"""The main job, as its users run it."""

from __future__ import annotations

import fcntl
import json

import duckdb
import pytest
from comparing import differing_marts
from running import ASSAY, assay


def test_the_scorecard_shows_drivers_coverage_unknown_tags_and_where_the_marts_are(built):
    for told in (
        "complete weeks",
        "Coverage",
        "taxonomy does not know",
        "Published",
        "duckdb -readonly",
    ):
        assert told in built.ended.out


def test_every_conversation_of_the_world_is_a_row_once(built):
    truth = duckdb.read_parquet(str(built.exports / "truth.parquet"))
    ((expected,),) = duckdb.sql("select count(distinct conversation_id) from truth").fetchall()
    assert truth is not None
    assert built.value("select count(*) from marts.fct_conversations") == expected
    assert (
        built.value("select count(distinct conversation_id) from marts.fct_conversations")
        == expected
    )


def test_for_every_file_seen_is_kept_and_duplicates_and_quarantined(built):
    assert built.value("select count(*) from marts.exports where status = 'loaded'") > 5
    assert not built.rows(
        "select file from marts.exports"
        " where status = 'loaded' and seen != kept + duplicates + quarantined"
    )


def test_the_drivers_of_a_cell_sum_to_one(built):
    assert not built.rows(
        "select 1 from marts.rollup_drivers"
        " group by cadence, period_start, channel, queue, segment, language"
        " having abs(sum(share) - 1) > 1e-9"
    )


def test_rollups_of_every_cadence_count_the_same_conversations(built):
    counts = built.rows("select sum(conversations) from marts.rollup_drivers group by cadence")
    in_scope = built.value("select count(*) from marts.fct_conversations where is_in_scope")
    assert counts == [(in_scope,)] * 3


def test_most_drivers_found_are_the_true_ones(built):
    """
    Tags come from the generator's own agents, so this checks the wiring from raw tag to driver, not
    the quality of anything: a mapping joined wrongly would be right one time in twelve.
    """
    truth = str(built.exports / "truth.parquet")
    right = built.value(
        "select avg((driver = true_driver)::int) from marts.fct_conversations"
        f" inner join read_parquet('{truth}') using (conversation_id)"
        " where driver_method = 'tag'"
    )
    assert right > 0.8


def test_joining_tags_or_conversations_with_their_drivers_loses_none(built):
    for mart in ("fct_conversations", "fct_conversation_tags"):
        of_mart = built.rows(f"select distinct driver from marts.{mart}")
        known = built.rows("select driver from marts.dim_drivers")
        assert set(of_mart) <= set(known), mart


def test_excluded_conversations_are_flagged_with_a_reason_and_kept(built):
    reasons = dict(
        built.rows(
            "select exclusion_reason, count(*) from marts.fct_conversations"
            " where not is_in_scope group by all"
        )
    )
    assert {"deleted", "merged", "spam", "outbound"} <= set(reasons)
    assert None not in reasons


def test_private_notes_are_nowhere_in_what_is_published(built):
    """
    The generator marks its private notes as internal; readers get public messages only.
    """
    notes = duckdb.sql(
        "select unnest(ticket.comments) as comment from read_json("
        f"'{built.exports}/zendesk/tickets-*.ndjson', format = 'newline_delimited', columns = "
        "{ticket: 'STRUCT(comments STRUCT(public BOOLEAN, body VARCHAR)[])'})"
    )
    private = {
        body for (body,) in notes.filter("not comment.public").project("comment.body").fetchall()
    }
    public = {body for (body,) in built.rows("select body from marts.fct_messages")}
    assert len(private) > 100
    assert not private & public


def test_a_second_run_reads_builds_judges_and_publishes_nothing_again(built, copy_of):
    again = copy_of(built)
    ended = assay("run", "--exports", again.exports, data=again.data)
    assert ended.code == 0, ended.err
    assert "0 new of" in ended.out
    assert "nothing changed" in ended.out
    assert "judged before" in ended.out
    assert again.published.resolve().name == built.published.resolve().name
    assert [each.name for each in again.data.glob("published/assay-*")] == [
        built.published.resolve().name
    ]


@pytest.mark.worlds
def test_a_lost_candidate_is_built_judged_and_published_again(built, copy_of):
    again = copy_of(built)
    (again.data / "candidate.duckdb").unlink()
    ended = assay("run", "--exports", again.exports, data=again.data)
    assert ended.code == 0, ended.err
    assert again.published.resolve().name != built.published.resolve().name
    assert differing_marts(built.published, again.published) == {}


@pytest.mark.parametrize(
    "edit",
    [
        "update raw.exports set declaration = '{}' where export_seq = 1",
        "insert into raw.quarantine (export_seq, position) values (1, 1)",
        "update raw.expected_counts set expected = expected + 1",
        "update build.generation set id = uuid()",
    ],
)
def test_a_build_stands_until_something_it_follows_from_changes(built, copy_of, edit):
    from orchestration import standing, warehouse
    from orchestration.build_plan import code_state, loaded_state
    from orchestration.stores import Stores

    stores = Stores.at(copy_of(built).data)
    manifest = warehouse.read_manifest()

    def now() -> tuple[str, str]:
        code = code_state(stores, manifest, warehouse.PROJECT)
        with duckdb.connect(str(stores.work)) as work:
            return code, loaded_state(work)

    code, brought = standing.built_from(stores.candidate)
    assert now() == (code, brought["exports"])
    with duckdb.connect(str(stores.work)) as connection:
        connection.execute(edit)
    assert now() != (code, brought["exports"])


def test_an_audit_stands_until_other_suites_or_bounds_are_asked(built, copy_of):
    from orchestration import standing
    from orchestration.assets import audit
    from orchestration.stores import Stores

    stores = Stores.at(copy_of(built).data)
    candidate = stores.candidate
    suites = [suite.name for suite in audit.JUDGING.in_use(stores)]
    asked = standing.suites_state(audit.JUDGING.bounds, suites)
    kept = standing.audit_that_stands(candidate, asked)
    assert {each.suite for each in kept} >= {"driver_shares", "export_identity"}
    for other in (
        standing.suites_state({"zendesk": 0.5}, suites),
        standing.suites_state(audit.JUDGING.bounds, suites[:-1]),
    ):
        assert standing.audit_that_stands(candidate, other) is None


def test_status_prints_the_same_facts_as_text_and_as_json(built):
    text = assay("status", data=built.data)
    facts = json.loads(assay("status", "--json", data=built.data).out)
    assert text.code == 0
    assert f"{facts['totals']['conversations']:,}" in text.out
    assert facts["build"].startswith("assay-")


def test_raw_shows_a_conversation_exactly_as_it_was_received(built):
    (line, *_) = (built.exports / "zendesk" / "tickets-0001.ndjson").read_text().splitlines()
    number = json.loads(line)["ticket"]["id"]
    ended = assay("raw", f"zendesk:{number}", data=built.data)
    assert ended.code == 0, ended.err
    assert line in ended.out


def test_the_second_of_two_runs_says_who_holds_the_lock_and_ends(built, copy_of):
    busy = copy_of(built)
    with (busy.data / "run.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = assay("run", "--exports", busy.exports, data=busy.data)
    assert ended.code == 2
    assert "is running a build here" in ended.err


def test_every_mart_and_column_says_in_the_file_what_it_means(built):
    silent = built.rows(
        "select table_name, column_name from duckdb_columns()"
        " where schema_name in ('counted', 'marts') and comment is null"
        " union all select table_name, null from duckdb_tables()"
        " where schema_name in ('counted', 'marts') and comment is null"
    )
    assert silent == []


def test_a_reader_can_read_and_nothing_else(built):
    from orchestration.publishing import open_published

    refused = (
        "delete from marts.exports",
        "create table marts.mine (id int)",
        "attach ':memory:' as other",
        "copy marts.exports to '/tmp/out.csv'",
        "select * from read_csv('/etc/passwd')",
        "set enable_external_access = true",
    )
    with open_published(built.published) as connection:
        assert connection.execute("select count(*) from marts.exports").fetchone()[0] > 0
        for statement in refused:
            with pytest.raises(duckdb.Error):
                connection.execute(statement)


def test_the_published_file_cannot_be_written_and_five_builds_are_kept(built, copy_of):
    from orchestration import standing
    from orchestration.publishing import publish
    from orchestration.stores import KEPT_BUILDS, Stores

    again = copy_of(built)
    stores = Stores.at(again.data)
    files = []
    for _ in range(KEPT_BUILDS + 2):
        # as a build of other exports would be: published under no name yet
        standing.record_publication(stores.candidate, "none")
        files.append(publish(stores))
    assert stores.pointer.resolve() == files[-1]
    assert sorted(stores.published.glob("assay-*.duckdb")) == files[-KEPT_BUILDS:]
    assert not files[-1].stat().st_mode & 0o222


def test_the_command_is_there():
    assert ASSAY.exists()

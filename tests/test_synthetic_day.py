"""The day after a synthetic world: new conversations, and later versions of known ones."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.synthetic import generate, generate_day
from orchestration.synthetic.plants import RENAMED_TO

CONVERSATIONS, SEED, NEW, UPDATED = 2_500, 9, 80, 120

DAY = "2026-10-01"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two exports")
    generate(folder / "world", CONVERSATIONS, SEED)
    generate_day(folder / "day", CONVERSATIONS, SEED, NEW, UPDATED)
    return folder


@pytest.fixture(scope="module")
def exports(both: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """`known` is the latest version of each ticket of the world, `day` what the day brought."""
    with duckdb.connect() as connection:
        for name, folder in (("known", "world"), ("day", "day")):
            connection.execute(
                f"create table {name} as from (select unnest(ticket) from read_json("
                f"'{both}/{folder}/zendesk/tickets*.ndjson', format='newline_delimited', columns={{"
                "ticket: 'struct(id bigint, created_at timestamp, updated_at timestamp,"
                " generated_timestamp bigint, status varchar, tags varchar[], requester_id bigint,"
                " comments struct(id bigint, body varchar, created_at timestamp)[])'}))"
                " qualify row_number() over (partition by id order by generated_timestamp desc) = 1"
            )
        yield connection


def value(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    return connection.execute(query).fetchall()[0][0]


def test_a_day_brings_as_many_new_and_updated_conversations_as_asked(
    exports: duckdb.DuckDBPyConnection,
):
    assert value(exports, "select count(*) from day semi join known using (id)") == UPDATED
    assert value(exports, "select count(*) from day anti join known using (id)") == NEW
    new_days = "select list(distinct created_at::date) from day anti join known using (id)"
    assert [str(day) for day in value(exports, new_days)] == [DAY]  # type: ignore[attr-defined]


def test_an_updated_ticket_is_later_and_repeats_all_that_was_said(
    exports: duckdb.DuckDBPyConnection,
):
    exports.execute(
        "create or replace temp table pairs as select known, day"
        " from known inner join day using (id)"
    )
    stale = (
        "day.generated_timestamp <= known.generated_timestamp or day.updated_at <= known.updated_at"
    )
    assert value(exports, f"select count(*) from pairs where {stale}") == 0
    forgotten = "not list_has_all(day.comments, known.comments)"
    assert value(exports, f"select count(*) from pairs where {forgotten}") == 0
    same = "day.comments = known.comments and day.tags = known.tags and day.status = known.status"
    assert value(exports, f"select avg(({same})::int) from pairs") < 0.3
    written_to_closed = "known.status = 'closed' and day.comments <> known.comments"
    assert value(exports, f"select count(*) from pairs where {written_to_closed}") == 0
    assert value(exports, "select count(*) from pairs where day.comments <> known.comments") > 20


def test_most_updates_fall_on_the_last_weeks(exports: duckdb.DuckDBPyConnection):
    recent = "created_at >= timestamp '2026-09-01'"
    share = value(exports, f"select avg(({recent})::int) from day semi join known using (id)")
    assert 0.7 < share < 0.95


def test_the_audits_of_a_day_continue_those_of_the_world(both: Path):
    with duckdb.connect() as connection:
        audits = f"'{both}/*/zendesk/ticket_audits*.ndjson'"
        connection.execute(
            f"""
            create table statuses as
            select
                *, lag(event.value) over (partition by ticket_id order by created_at, id) as before
            from (
                select audit.id, audit.ticket_id, audit.created_at, unnest(audit.events) as event
                from read_json({audits}, format='newline_delimited', columns={{audit: 'struct(
                    id bigint, ticket_id bigint, created_at timestamp, events struct(
                        type varchar, field_name varchar, previous_value varchar, value varchar
                    )[])'}})
            )
            where event.field_name = 'status'
            """
        )
        broken = "select count(*) from statuses where before is distinct from event.previous_value"
        assert value(connection, broken) == 0
        assert value(connection, "select count(*) - count(distinct id) from statuses") == 0


def test_the_names_of_a_day_replace_nothing_of_the_world(both: Path, tmp_path: Path):
    def names(folder: Path) -> set[str]:
        return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}

    world, day = names(both / "world"), names(both / "day")
    assert not world & day
    assert all(DAY in name for name in day)
    shutil.copytree(both / "world", tmp_path / "all")
    generate_day(tmp_path / "all", CONVERSATIONS, SEED, NEW, UPDATED)
    assert names(tmp_path / "all") == world | day


def test_the_expected_counts_of_a_day_are_its_new_conversations(both: Path):
    with duckdb.connect() as connection:
        stated = f"from '{both}/day/zendesk/{DAY}/expected.csv' where slice_kind is null"
        assert connection.execute(f"select day::varchar, expected {stated}").fetchall() == [
            (DAY, NEW)
        ]
        truth = f"from '{both}/day/truth-{DAY}.parquet'"
        assert value(connection, f"select count(distinct conversation_id) {truth}") == NEW


def test_people_of_the_new_conversations_are_known(both: Path, exports: duckdb.DuckDBPyConnection):
    users = f"(select unnest(user) from read_json('{both}/world/zendesk/users-0001.ndjson'))"
    assert (
        value(exports, f"select count(*) from day anti join {users} u on requester_id = u.id") == 0
    )


def test_what_is_planted_in_the_world_is_planted_in_its_day(tmp_path: Path):
    tags = {}
    for plants in ((), ("renamed_tag:WISMO",)):
        out = tmp_path / str(len(plants))
        generate_day(out, CONVERSATIONS, SEED, NEW, UPDATED, plant=plants)
        with duckdb.connect() as connection:
            found = connection.execute(
                f"select unnest(ticket.tags) as tag, count(*) from '{out}/zendesk/tickets*.ndjson' group by tag"
            )
            tags[plants] = dict(found.fetchall())
    before, after = tags.values()
    assert (renamed := after.pop(RENAMED_TO)) > 0
    assert after.pop("WISMO", 0) + renamed == before.pop("WISMO")
    assert after == before


def test_a_day_without_conversations_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="new or updated, must be 1 or more"):
        generate_day(tmp_path / "day", 100, 1, new=0, updated=0)

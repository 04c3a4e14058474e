"""A synthetic world: the same for the same seed, whole, and varied enough to be worth measuring."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.synthetic import generate
from orchestration.synthetic import words as word_lists
from orchestration.synthetic.world import EXPORT_AT, World

CONVERSATIONS = 20_000
"""At this size every spelling people use has had its chance."""

TICKETS = {
    "id": "bigint",
    "created_at": "timestamp",
    "updated_at": "timestamp",
    "generated_timestamp": "bigint",
    "subject": "varchar",
    "description": "varchar",
    "status": "varchar",
    "priority": "varchar",
    "via": "struct(channel varchar, source struct(rel varchar))",
    "requester_id": "bigint",
    "submitter_id": "bigint",
    "organization_id": "bigint",
    "group_id": "bigint",
    "tags": "varchar[]",
    "custom_fields": "json",
    "comments": "struct(id bigint, author_id bigint, public boolean, body varchar,"
    " created_at timestamp, via struct(channel varchar))[]",
}


def read(folder: Path) -> duckdb.DuckDBPyConnection:
    """Open one synthetic export: tickets (all records), latest, truth, expected and the others."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    fields = ", ".join(f"{name} {kind}" for name, kind in TICKETS.items())
    columns = f"{{ticket: 'struct({fields})'}}"
    connection.execute(
        "create table tickets as select ticket.*"
        f" from read_json('{folder}/zendesk/tickets*.ndjson',"
        f" format='newline_delimited', columns={columns})"
    )
    connection.execute(
        "create table latest as from tickets qualify row_number() over "
        "(partition by id order by generated_timestamp desc) = 1"
    )
    connection.execute(f"create view truth as from '{folder}/truth*.parquet'")
    return connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    return connection.execute(query).fetchall()


def value(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    return connection.execute(query).fetchall()[0][0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("synthetic") / "world", CONVERSATIONS, seed=11).folder


@pytest.fixture(scope="module")
def world(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with read(folder) as connection:
        yield connection


def test_draws_for_the_same_conversation_know_nothing_of_each_other():
    """
    Or the labels of the truth could be guessed from the choice of a telephone number.
    """
    with World(1000, seed=1).connect() as connection:
        together = """
            select max(abs(n / 20000 - 1 / 64)) from (
                select count(*) as n from range(20000) as numbers (no)
                group by pick(no, 'one thing', 8), pick(no, 'another', 8)
            )
        """
        assert value(connection, together) < 0.005
        correlated = """
            select abs(corr(share(no, 'one thing'), share(no, 'another')))
            from range(20000) as numbers (no)
        """
        assert value(connection, correlated) < 0.03


@settings(max_examples=3, deadline=None)
@given(conversations=st.integers(1, 400), seed=st.integers(0, 2**31))
def test_a_world_of_any_size_accounts_for_each_of_its_conversations(
    tmp_path_factory: pytest.TempPathFactory, conversations: int, seed: int
):
    """
    Tickets, truth and the expected counts are three witnesses to the same conversations.
    """
    folder = generate(tmp_path_factory.mktemp("any") / "world", conversations, seed).folder
    with read(folder) as world:
        assert value(world, "select count(distinct id) from tickets") == conversations
        assert value(world, "select count(distinct conversation_id) from truth") == conversations
        assert value(world, "select count(*) from truth") == conversations
        expected = f"read_csv('{folder}/zendesk/expected.csv', all_varchar=true)"
        for kind in ("slice_kind is null", "slice_kind = 'queue'", "slice_kind = 'language'"):
            query = f"select sum(expected::bigint) from {expected} where {kind}"
            assert value(world, query) == conversations


def test_every_record_is_one_line_of_json_under_its_key(folder: Path):
    for name, key in {
        "tickets": "ticket",
        "ticket_audits": "audit",
        "satisfaction_ratings": "satisfaction_rating",
        "users": "user",
        "organizations": "organization",
    }.items():
        with (folder / f"zendesk/{name}-0001.ndjson").open(encoding="utf-8") as lines:
            for line in lines:
                assert list(json.loads(line)) == [key]
    for name in ("groups", "sla_policies"):
        page = json.loads((folder / f"zendesk/{name}.json").read_text())
        assert page["count"] == len(page[name])
        assert page["next_page"] is None


def test_people_spell_the_tags_in_three_hundred_ways_or_more(world: duckdb.DuckDBPyConnection):
    used = {tag for (tag,) in rows(world, "select distinct unnest(tags) from tickets")}
    spellings = {row["raw_tag"]: row["canonical_tag"] for row in word_lists.rows("raw_tags")}
    assert len(used) >= 300
    # some are known to nobody
    assert {tag for tag in used if spellings.get(tag) == ""}


def test_about_one_conversation_in_eight_carries_no_tag_at_all(world: duckdb.DuckDBPyConnection):
    share = value(world, "select avg((len(tags) = 0)::int) from latest where status <> 'deleted'")
    assert 0.09 < share < 0.14


def test_every_driver_tag_language_and_label_occurs(world: duckdb.DuckDBPyConnection):
    for column, count in {
        "true_driver": 12,
        "true_canonical_tags[1]": 58,
        "language": 3,
        "sentiment": 4,
        "churn": 3,
        "effort": 3,
        "outcome": 4,
        "queue": 9,
    }.items():
        assert value(world, f"select count(distinct {column}) from truth") == count


def test_every_reason_to_exclude_a_conversation_occurs(world: duckdb.DuckDBPyConnection):
    for reason in (
        "status = 'deleted' and subject = 'SCRUBBED' and description = 'X' and comments = []",
        "via.source.rel = 'merge' and list_has_any(tags, ['closed_by_merge', 'merge'])",
        "list_contains(tags, 'spam')",
        "via.channel = 'sample_ticket'",
        "submitter_id <> requester_id",
    ):
        share = value(world, f"select avg(({reason})::int) from latest")
        assert 0.001 < share < 0.03, reason
    assert (
        value(world, "select count(*) from latest where status = 'deleted' and comments <> []") == 0
    )


def test_a_ticket_exported_again_has_moved_on_and_repeats_what_was_said(
    world: duckdb.DuckDBPyConnection,
):
    world.execute(
        "create or replace temp table versions as select id,"
        " min_by(t, generated_timestamp) as early, max_by(t, generated_timestamp) as late"
        " from tickets as t group by id"
        " having min(generated_timestamp) < max(generated_timestamp)"
    )
    again = value(world, "select count(*) from versions")
    assert 0.005 * CONVERSATIONS < again < 0.02 * CONVERSATIONS
    changed = (
        "early.updated_at > late.updated_at or not list_has_all(late.comments, early.comments)"
    )
    assert value(world, f"select count(*) from versions where {changed}") == 0
    assert value(world, "select count(*) from versions where early.status <> late.status") > 0


def test_some_records_are_exported_twice_letter_by_letter(folder: Path):
    lines = (folder / "zendesk/tickets-0001.ndjson").read_bytes().splitlines()
    assert 0.0005 * CONVERSATIONS < len(lines) - len(set(lines)) < 0.005 * CONVERSATIONS


def test_messages_follow_each_other_between_opening_and_export(world: duckdb.DuckDBPyConnection):
    world.execute(
        "create or replace temp table sent as select created_at as opened_at,"
        " list_transform(comments, lambda comment: comment.created_at) as moments from tickets"
    )
    assert value(world, "select count(*) from sent where moments <> list_sort(moments)") == 0
    wrong = f"moments[1] <> opened_at or moments[-1] > timestamp '{EXPORT_AT}'"
    assert value(world, f"select count(*) from sent where {wrong}") == 0
    assert value(world, "select max(len(moments)) from sent") <= 9


def test_bots_and_private_notes_are_told_apart_from_agents(world: duckdb.DuckDBPyConnection):
    world.execute(
        "create or replace temp table comments as select unnest(comments) as c from latest"
    )
    notes = value(world, "select avg((not c.public)::int) from comments")
    assert 0.02 < notes < 0.15
    bots = value(world, "select avg((c.via.channel in ('chat_bot', 'rule'))::int) from comments")
    assert 0.02 < bots < 0.2


def test_the_audits_of_a_ticket_lead_from_new_to_its_status(
    folder: Path, world: duckdb.DuckDBPyConnection
):
    world.execute(
        f"""
        create or replace temp table changes as
        select audit.ticket_id, audit.created_at, audit.id, unnest(audit.events) as event
        from read_json(
            '{folder}/zendesk/ticket_audits*.ndjson', format='newline_delimited',
            columns={{audit: 'struct(
                id bigint, ticket_id bigint, created_at timestamp, events struct(
                    type varchar, field_name varchar, previous_value varchar, value varchar
                )[])'}}
        )
        """
    )
    world.execute(
        """
        create or replace temp table statuses as
        select *, lag(event.value) over (partition by ticket_id order by created_at, id) as before
        from changes where event.field_name = 'status'
        """
    )
    broken = "select count(*) from statuses where before is distinct from event.previous_value"
    assert value(world, broken) == 0
    final = """
        select count(*) from latest inner join (
            select ticket_id, max_by(event.value, (created_at, id)) as status
            from statuses group by 1
        ) as audited on latest.id = audited.ticket_id
        where latest.status <> audited.status
    """
    assert value(world, final) == 0
    reopened = value(
        world,
        "select count(distinct ticket_id) filter (where before = 'solved' and event.value = 'open')"
        " / count(distinct ticket_id) from statuses",
    )
    assert 0.05 < reopened < 0.11


def test_texts_carry_personal_data_of_every_kind(world: duckdb.DuckDBPyConnection):
    for kind, pattern in {
        "e-mail": r"[a-z.]+[0-9]+@[a-z.]+\.(com|org|net|example)",
        "telephone": r"(\+1 \(202\) 555|\+49 30|030/|\+34 612|07700 900)",
        "card": r"4111 1111 1111 1111",
        "bank account": r"DE89 3704 0044 0532 0130 00",
        "address": r"(203\.0\.113\.|198\.51\.100\.|2001:db8::)[0-9]",
    }.items():
        query = f"select count(*) from latest where regexp_matches(description, '{pattern}')"
        assert value(world, query) > 3, kind


def test_every_card_and_bank_account_in_the_word_list_passes_its_own_check():
    for row in word_lists.rows("slots"):
        if row["kind"] == "card":
            digits = [int(digit) for digit in re.sub(r"\D", "", row["text"])][::-1]
            doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
            assert (sum(digits[::2]) + sum(doubled)) % 10 == 0, row
        if row["kind"] == "iban":
            plain = row["text"].replace(" ", "")
            number = "".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])
            assert int(number) % 97 == 1, row


def test_no_text_shows_a_slot_that_was_not_filled(world: duckdb.DuckDBPyConnection):
    text = "concat(subject, description, list_transform(comments, lambda c: c.body)::varchar)"
    assert value(world, f"select count(*) from tickets where contains({text}, chr(30))") == 0
    pattern = r"\{[0-9a-z]+\}"
    bodies = f"regexp_matches(concat(subject, ' ', description), '{pattern}')"
    assert value(world, f"select count(*) from tickets where {bodies}") == 0


def test_words_of_praise_stand_in_angry_messages_and_other_topics_in_every_driver(
    world: duckdb.DuckDBPyConnection,
):
    """
    A classifier that counts words must be wrong often enough to be found out.
    """
    joined = "latest inner join truth on concat('zendesk:', latest.id) = truth.conversation_id"
    praise = "regexp_matches(lower(description), 'wonderful|great|excellent|thanks a lot|love')"
    angry = (
        f"select avg({praise}::int) from {joined} where sentiment = 'negative' and language = 'en'"
    )
    assert value(world, angry) > 0.08
    parcels = "regexp_matches(lower(description), 'parcel|tracking|warehouse|carrier')"
    elsewhere = (
        f"select avg({parcels}::int) from {joined} where true_driver <> 'orders_shipping_returns'"
    )
    assert value(world, elsewhere) > 0.01


def test_odd_but_legal_subjects_come_through(world: duckdb.DuckDBPyConnection):
    for text in ("<script>", "=HYPERLINK(", "DROP TABLE", "\u202e", "\u200b", "👩🏽‍💻"):
        found = world.execute(
            "select count(*) from tickets where contains(subject, ?)", [text]
        ).fetchall()
        assert found[0][0] > 0, text


def test_weeks_and_seasons_have_a_shape(world: duckdb.DuckDBPyConnection):
    weekend = value(world, "select avg((isodow(created_at) > 5)::int) from latest")
    assert 0.1 < weekend < 0.2
    night = value(world, "select avg((hour(created_at) < 5)::int) from latest")
    assert night < 0.05
    by_month = dict(
        rows(
            world,
            "select strftime(created_at, '%Y-%m'),"
            " avg((true_driver = 'orders_shipping_returns')::int)"
            " from latest inner join truth on concat('zendesk:', id) = conversation_id group by 1",
        )
    )
    assert len(by_month) == 13
    assert by_month["2025-12"] > 1.3 * by_month["2026-06"]


def test_new_customers_ask_more_about_getting_started(
    folder: Path, world: duckdb.DuckDBPyConnection
):
    world.execute(f"create or replace temp view accounts as from '{folder}/billing/accounts.csv'")
    shares = dict(
        rows(
            world,
            """
            select created_at < started_on + interval 30 day as is_new,
                avg((true_driver = 'onboarding_setup')::int)
            from latest
            inner join truth on concat('zendesk:', id) = conversation_id
            inner join accounts on latest.organization_id = accounts.organization_id
            group by 1
            """,
        )
    )
    assert shares[True] > 2 * shares[False]
    early = "created_at < started_on"
    joined = "latest inner join accounts on latest.organization_id = accounts.organization_id"
    assert value(world, f"select avg(({early})::int) from {joined}") < 0.01


def test_people_organizations_and_invoices_belong_together(
    folder: Path, world: duckdb.DuckDBPyConnection
):
    users = f"(select unnest(user) from read_json('{folder}/zendesk/users-0001.ndjson'))"
    world.execute(f"create or replace temp view users as from {users}")
    unknown = "select count(*) from latest anti join users on latest.requester_id = users.id"
    assert value(world, unknown) == 0
    moved = (
        "select count(*) from latest inner join users on latest.requester_id = users.id"
        " where latest.organization_id is distinct from users.organization_id"
    )
    assert value(world, moved) == 0
    languages = (
        "select count(*) from latest inner join users on requester_id = users.id"
        " inner join truth on concat('zendesk:', latest.id) = conversation_id"
        " where language <> left(locale, 2)"
    )
    assert value(world, languages) == 0
    invoices = f"'{folder}/billing/invoices.csv'"
    accounts = f"'{folder}/billing/accounts.csv'"
    assert (
        value(world, f"select count(*) from {invoices} i anti join {accounts} a using (account_id)")
        == 0
    )

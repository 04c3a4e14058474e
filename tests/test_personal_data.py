"""No personal data in what a reader can open."""

from __future__ import annotations

import re

import duckdb
import pytest
from hostile_world import PHONE, hostile_exports
from running import Built, assay

EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}"
PHONE_NUMBER = r"\+\d{1,3}[ -]?\(?\d{2,4}\)?([ -]?\d{2,4}){2,3}"
CARD = r"\b\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}\b"
IBAN = r"\b[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){3,7}"


def text_columns(built):
    return built.rows(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns()"
        " where schema_name = 'marts' and data_type in ('VARCHAR', 'VARCHAR[]')"
    )


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Every source, every field of it an address, a number, a script and an escape sequence; run once."""
    data = tmp_path_factory.mktemp("hostile")
    exports = hostile_exports(data / "exports")
    return Built(data, exports, assay("run", data=data))


def test_no_text_column_holds_an_address_a_phone_number_a_card_or_an_account(built):
    found = []
    for table, column, _ in text_columns(built):
        # the owner of a driver or metric is a colleague to be written to
        if column in {"sha256", "export_id", "owner", "owner_email", "contract"}:
            continue
        for name, pattern in (
            ("email", EMAIL),
            ("phone", PHONE_NUMBER),
            ("card", CARD),
            ("iban", IBAN),
        ):
            rows = built.rows(
                f"select {column}::varchar from {table}"
                f" where regexp_matches({column}::varchar, '{pattern}') limit 3"
            )
            found += [(table, column, name, row) for row in rows]
    assert found == []


def test_whom_a_chat_was_with_is_not_in_its_subject(built):
    """Help desks name chats and calls after the customer, as the world's does."""
    subjects = built.rows(
        "select subject from marts.fct_conversations where subject like 'Conversation with%'"
    )
    assert len(subjects) > 5
    assert {subject for (subject,) in subjects} == {"Conversation with [name]"}


def test_the_addresses_the_customers_really_have_are_nowhere(built):
    emails = duckdb.sql(
        "select distinct user.email as email from read_json("
        f"'{built.exports}/zendesk/users-*.ndjson', format = 'newline_delimited', columns = "
        "{user: 'STRUCT(email VARCHAR)'}) where user.email is not null"
    ).fetchall()
    assert len(emails) > 100
    with duckdb.connect(str(built.published), read_only=True) as marts:
        marts.execute("create temp table emails (email varchar)")
        marts.executemany("insert into emails values (?)", emails)
        for table, column, _ in text_columns(built):
            ((leaks,),) = marts.execute(
                f"select count(*) from {table} inner join emails"
                f" on contains({column}::varchar, emails.email)"
                f" where contains({column}::varchar, '@')"
            ).fetchall()
            assert leaks == 0, (table, column)


@pytest.mark.worlds
def test_quarantined_text_is_masked_too(hostile):
    ((text,),) = hostile.rows("select text from marts.quarantine where text like '%mail me%'")
    assert text.endswith("mail me: [email]")


@pytest.mark.worlds
def test_every_source_is_published_without_what_hostile_fields_hold(hostile):
    """
    Each field of each source names itself in the address it holds, so a leak says where it is.
    """
    assert hostile.ended.code == 0, hostile.ended.out + hostile.ended.err
    sources = hostile.rows("select distinct source from marts.fct_conversations order by 1")
    assert sources == [("freshdesk",), ("intercom",), ("zendesk",)]
    found = []
    for table, column, _ in text_columns(hostile):
        found += [
            (table, column, value)
            for (value,) in hostile.rows(
                f"select {column}::varchar from {table} where regexp_matches("
                rf"{column}::varchar, 'mallory|3456789|[\x00-\x08\x0b-\x1f\x7f]') limit 2"
            )
        ]
    assert found == []


@pytest.mark.worlds
def test_data_docs_and_the_screen_show_nothing_personal_and_obey_nothing(hostile):
    pages = {path.name: path.read_text() for path in hostile.data.glob("data_docs/**/*.html")}
    assert len(pages) > 5
    pages["screen"] = hostile.ended.out + hostile.ended.err
    pages["status"] = assay("status", data=hostile.data).out
    for name, page in pages.items():
        assert not re.search("mallory|3456789|[\x00-\x08\x0b-\x1f]", page), name
        assert name in ("screen", "status") or "<script>alert" not in page, name
    assert "gone [email] &lt;script&gt;" in pages["coverage_zendesk.html"]


@pytest.mark.worlds
def test_what_is_stored_of_a_refusal_quotes_nobody(hostile):
    for store, table in (
        ("ledger", "exports"),
        ("work", "raw.exports"),
        ("work", "raw.quarantine"),
    ):
        with duckdb.connect(str(hostile.data / f"{store}.duckdb"), read_only=True) as connection:
            reasons = connection.execute(
                f"select reason from {table} where reason is not null"
            ).fetchall()
        assert reasons
        assert not [reason for (reason,) in reasons if "mallory" in reason or PHONE in reason]


@pytest.mark.worlds
def test_links_stay_links_unless_they_are_none_or_name_somebody(hostile):
    urls = dict(
        hostile.rows("select source_id, url from marts.fct_conversations where source = 'zendesk'")
    )
    assert urls == {
        "4711": "https://x.example/agent/tickets/4711",
        "4713": None,
        "4714": "https://x.example/u/[email]",
        "4715": "https://x.example/agent/tickets/4715?page=2",
    }


@pytest.mark.worlds
def test_customers_known_by_an_address_or_a_number_are_told_apart_by_a_digest(hostile):
    customers = hostile.rows(
        "select source, customer_id from marts.fct_conversations where source != 'zendesk'"
    )
    assert len({customer for _, customer in customers}) == len(customers) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", customer) for _, customer in customers)


def test_what_another_program_says_of_an_error_is_told_without_the_values_it_quotes():
    from orchestration.printable import of_another_program

    told = of_another_program(
        'Conversion Error: Could not convert string "Jane Doe, 4 Elm Street" to INT64 in column '
        '"opened_at"; near mallory@evil.example \x1b[2J' + "x" * 5_000
    )
    assert 'string "…" to INT64 in column "opened_at"; near [email]' in told
    assert "\x1b" not in told
    assert len(told) < 2_200

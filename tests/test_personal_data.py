"""No personal data in what a reader can open."""

from __future__ import annotations

import duckdb

EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}"
PHONE = r"\+\d{1,3}[ -]?\(?\d{2,4}\)?([ -]?\d{2,4}){2,3}"
CARD = r"\b\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}\b"
IBAN = r"\b[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){3,7}"


def text_columns(built):
    return built.rows(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns()"
        " where schema_name = 'marts' and data_type in ('VARCHAR', 'VARCHAR[]')"
    )


def test_no_text_column_holds_an_address_a_phone_number_a_card_or_an_account(built):
    found = []
    for table, column, _ in text_columns(built):
        # a driver's owner is a colleague to be written to
        if column in {"sha256", "export_id", "owner"}:
            continue
        for name, pattern in (("email", EMAIL), ("phone", PHONE), ("card", CARD), ("iban", IBAN)):
            rows = built.rows(
                f"select {column}::varchar from {table}"
                f" where regexp_matches({column}::varchar, '{pattern}') limit 3"
            )
            found += [(table, column, name, row) for row in rows]
    assert found == []


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


def test_quarantined_text_is_masked_too(built, copy_of):
    from running import assay

    again = copy_of(built)
    exports = again.data / "exports" / "zendesk"
    exports.mkdir(parents=True)
    (exports / "tickets-cut.ndjson").write_text(
        '{"ticket": {"id": 77, "created_at": "2026-05-04T10:00:00Z"}}\n'
        '{"ticket": {"id": 78, "description": "mail me: mallory@example.org'
    )
    ended = assay("run", data=again.data)
    assert ended.code == 0, ended.out + ended.err
    ((text,),) = again.rows("select text from marts.quarantine where text like '%78%'")
    assert "mallory" not in text
    assert "[email]" in text

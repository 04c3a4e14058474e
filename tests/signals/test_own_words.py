"""What customers wrote themselves: quotations, signatures and templates cut away, the rest letter by letter."""

from __future__ import annotations

import duckdb
import pytest

CUT = "\x1f"

BODIES = {
    "an answer above quoted mail": (
        "Still broken.\n\nOn Thu, 11 Jun 2026 at 14:42, Care <[email]> wrote:\n> Please restart.\n> Iris",
        "Still broken.",
    ),
    "an answer below quoted mail": (
        "On 11 June, Care wrote:\n> Please restart it.\n\nI did, and it is still broken.",
        "I did, and it is still broken.",
    ),
    "German quoted mail": (
        "Geht wieder nicht.\n\nAm 11.06.2026 um 14:42 schrieb Care:\n> Bitte neu starten.",
        "Geht wieder nicht.",
    ),
    "Outlook's header lines": (
        "Please call me.\n\nFrom: Care\nSent: Monday\nTo: Me\nSubject: Re: Help\n\nWe are sorry to hear it.",
        "Please call me.",
    ),
    "a separator": (
        "See below.\n\n-----Original Message-----\nWe want to cancel everything.",
        "See below.",
    ),
    "a signature": ("It fails.\n--\nJames Costa\nEvergreen Labs, Madrid", "It fails."),
    "a closing": ("It fails.\n\nKind regards,\nJames Costa\nEvergreen Labs", "It fails."),
    "a mail program": ("It fails.\nSent from my iPhone", "It fails."),
    "a disclaimer": (
        "It fails.\n\nThis email and any attachments are confidential and intended solely for the addressee.",
        "It fails.",
    ),
    "nothing but a quotation": ("> Please restart.\n> Iris", None),
    "no mark at all": (
        "I wrote to you on Monday -- twice. Best, J",
        "I wrote to you on Monday -- twice. Best, J",
    ),
    "a comparison": ("My bill is > 50 and wrote off", "My bill is > 50 and wrote off"),
}


@pytest.mark.parametrize("case", BODIES)
def test_what_the_customer_did_not_write_is_cut(own_words, case):
    body, left = BODIES[case]
    assert own_words(body) == [left]


def test_what_is_left_stands_in_the_body_piece_by_piece(own_words):
    body = "First, this.\n> quoted: cancel it\nSecond, that.\n> quoted again\nThird."
    (left,) = own_words(body)
    pieces = [piece.strip() for piece in left.split(CUT)]
    assert pieces == ["First, this.", "Second, that.", "Third."]
    assert all(piece in body for piece in pieces)


def test_no_rule_reads_across_what_was_cut(own_words, churn):
    body = "I want to close\n> nothing of it\nmy account name is misspelt."
    (left,) = own_words(body)
    assert churn([left])[0][0] == "none"
    assert churn(["I want to close my account name is misspelt."])[0][0] != "none"


def test_the_hints_of_a_text_tell_who_reads_it(macros_of):
    hints, bits = ["won't be", "refund", "court", "a 'quote'"], [3, 1, 4, 8]
    found = macros_of("own_words").default__hint_bits("text", hints, bits)
    texts = ["a refund in court", "we won't be back", "recourt", "a 'quote'"]
    rows = duckdb.execute(
        f"select {found} from (select unnest(?::varchar[]) as text, unnest(range(4)) as no) order by no",
        [texts],
    ).fetchall()
    assert [told for (told,) in rows] == [5, 3, None, 8]


ASKED = "On Mon, Care wrote:\n> If you want to cancel my account tell us.\n> Care\n"
QUOTES = {
    "quoted mail above": (f"{ASKED}\nYes, please cancel my account. Thanks", "Yes, please cancel my account."),
    "quoted mail below": (f"Please cancel my account.\n\n{ASKED}", "Please cancel my account."),
    "an answer between quoted lines": (
        f"Hi.\n{ASKED}Then cancel my account!\n> cancel my account?\nBye", "Then cancel my account!"
    ),
    "the very words that were quoted": (
        "On Mon, Care wrote:\n> cancel my account\ncancel my account", "cancel my account"
    ),
    "an indented answer, letters of more than one byte": (
        f"Grüße 👋\n{ASKED}\n   “Müde”: cancel my account", "“Müde”: cancel my account"
    ),
    "nothing cut": ("First this. I cancel my account.", "I cancel my account."),
}  # fmt: skip


@pytest.mark.parametrize("case", QUOTES)
def test_a_quote_is_of_the_customer_s_own_words(own_words, macros_of, case):
    """
    The mail they answer speaks of the same matter, often in the same words.
    """
    body, quote = QUOTES[case]
    (words,) = own_words(body)
    found, start, end = _quoted(macros_of, body, None if words == body else words)
    assert found == quote
    # where it stands, not only what it says
    assert body[start:end] == quote
    assert not body[body.rfind("\n", 0, start) + 1 : end].startswith(">")


def test_a_cue_that_stands_in_quoted_mail_alone_is_quoted_from_there(own_words, macros_of):
    """
    An LLM reads the whole message.
    """
    body = f"{ASKED}\nNo."
    assert _quoted(macros_of, body, *own_words(body))[0].startswith("> If you")


def _quoted(macros_of, body, words):
    sql = macros_of("place_of_quote")
    (quoted,) = duckdb.execute(
        f"""
        select body[place.start + 1:place."end"], place.start, place."end"
        from (
            select *, {sql.default__place_of_quote("body", "cue", "cue_at")} as place
            from (
                select *, {sql.default__place_of_cue("body", "words", "cue")} as cue_at
                from (select ? as body, ?::varchar as words, 'cancel my account' as cue)
            )
        )
        """,
        [body, words],
    ).fetchall()
    return quoted

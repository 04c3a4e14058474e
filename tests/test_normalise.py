"""Raw tags as agents type them, and the one form each is looked up by."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.macros import macros

Normalise = Callable[[list[str | None]], list[str | None]]


@pytest.fixture(scope="module")
def normalise() -> Normalise:
    expression = macros("normalise_raw_tag").default__normalise_raw_tag("tag")
    connection = duckdb.connect()

    def normalised(tags: list[str | None]) -> list[str | None]:
        rows = connection.execute(
            f"select {expression} from (select unnest(?::varchar[]) as tag, unnest(range(?)) as no)"
            " order by no",
            [tags, len(tags)],
        ).fetchall()
        return [row[0] for row in rows]

    return normalised


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Billing ", "billing"),
        ("double-charged!!", "double_charged"),
        ("payment failed 💳", "payment_failed"),
        ("sso/okta", "sso_okta"),
        ("log  in", "log_in"),
        ("vat?", "vat"),
        ("a::b--c..d", "a_b_c_d"),
        ("_closed_by_merge_", "closed_by_merge"),
        ("don't work", "dont_work"),
        ("#refund", "refund"),
        ("late – again", "late_again"),
        ("\u00a0refund\u2003pls\t", "refund_pls"),
    ],
)
def test_case_blanks_and_punctuation_do_not_make_another_tag(normalise, raw, expected):
    assert normalise([raw]) == [expected]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("cf_cancel_reason", "cancel_reason"),
        ("CF-Billing", "billing"),
        ("cf_01_x", "x"),
        ("__dc.topic__billing", "billing"),
        ("01_billing", "billing"),
        ("1. Billing", "billing"),
        ("2) login", "login"),
        ("1.2. login", "login"),
        ("1️⃣ login", "login"),
    ],
)
def test_what_forms_and_fields_put_in_front_is_taken_off(normalise, raw, expected):
    assert normalise([raw]) == [expected]


@pytest.mark.parametrize(
    "raw",
    [
        "2fa",
        "2nd_contact",
        "3_day_delay",
        "1_star",
        "err500",
        "chargeback_q3",
        "renewal_2025",
        "503",
    ],
)
def test_a_number_that_is_the_meaning_stays(normalise, raw):
    assert normalise([raw]) == [raw]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Rückerstattung", "rückerstattung"),
        ("Ru\u0308ckerstattung", "rückerstattung"),
        ("CONTRASEÑA", "contraseña"),
        ("СЧЁТ", "счёт"),
        ("सेवा", "सेवा"),
        ("請求", "請求"),
        ("ｂｉｌｌｉｎｇ　２", "billing_2"),
        ("ﬁx", "fix"),
        ("x²", "x2"),
        ("refund\u200b", "refund"),
        ("❤\ufe0f love", "love"),
        ("👍🏽 ok", "ok"),
    ],
)
def test_letters_of_every_script_stay_and_compatible_forms_are_one(normalise, raw, expected):
    assert normalise([raw]) == [expected]


@pytest.mark.parametrize("raw", [None, "", "  ", "🙃", "!!!", "___", "\u200b"])
def test_a_tag_of_which_nothing_is_left_is_null(normalise, raw):
    assert normalise([raw]) == [None]


def test_a_tag_that_is_all_prefix_is_not_lost(normalise):
    """
    A tag nobody can read is still a tag somebody set: it must reach the unmapped list.
    """
    assert normalise(["cf_", "01_", "__dc.billing_issue__"]) == ["cf", "01", "billing_issue"]


PIECES = st.sampled_from(
    [
        *(
            "cf_",
            "CF-",
            "01_",
            "1.",
            "2) ",
            "__dc.",
            "__",
            "_",
            ".",
            " ",
            "-",
            "💳",
            "\ufe0f",
            "\u20e3",
        ),
        *("\u0301", "é", "İ", "ß", "Σ", "Ａ", "．", "＿", "ﬁ", "²", "①", "billing", "q3", "0", "9"),
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text() | st.lists(PIECES, max_size=8).map("".join), min_size=1, max_size=200))
@example(["cf_cf_", "1.01_x", "01_1.x", "cf_1. 02_cf.x", "__dc.__dc.a__b__c", "e💳\u0301"])
def test_normalising_twice_changes_nothing(normalise, tags):
    tags = [
        tag.replace("\0", "") for tag in tags if not any("\ud800" <= c <= "\udfff" for c in tag)
    ]
    once = normalise(tags)
    assert normalise(once) == once


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text("abdeghij", min_size=2, max_size=8),
            st.text("abdeghij", min_size=2, max_size=8),
            st.sampled_from([" ", "-", "/", ".", ":", "_", " - ", "::", "  "]),
            st.sampled_from(["", "!", "?", " 🔥", " ", "!!"]),
        ),
        min_size=1,
        max_size=100,
    )
)
def test_the_separator_and_the_ending_never_matter(normalise, typed):
    written = [
        f" {first.upper()}{separator}{second}{end}" for first, second, separator, end in typed
    ]
    assert normalise(written) == [f"{first}_{second}" for first, second, _, _ in typed]

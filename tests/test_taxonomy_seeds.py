"""The taxonomy as people edit it: the seeds agree with each other and with what agents really type."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from bench.signals.topics import bank_questions, score_tags

from contracts.macros import macros

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "dbt_project/seeds/taxonomy"
SPELLINGS = ROOT / "orchestration/synthetic/words/raw_tags.csv"
DATA = ROOT.parent / "shared" / "data"
CHANNELS = {
    "email",
    "web",
    "chat",
    "voice",
    "social",
    "messaging",
    "mobile",
    "api",
    "letter",
    "other",
}
STATUSES = {"new", "open", "pending", "hold", "solved", "closed", "deleted"}


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def macro(name: str, *arguments: Any) -> str:
    return str(getattr(macros(name), f"default__{name}")(*arguments))


def normalised(tags: list[str]) -> list[str | None]:
    rows = duckdb.execute(
        f"select {macro('normalise_raw_tag', 'tag')}"
        " from (select unnest(?::varchar[]) as tag, unnest(range(?)) as no) order by no",
        [tags, len(tags)],
    ).fetchall()
    return [row[0] for row in rows]


DRIVERS = {row["driver"] for row in seed("drivers")}
CANONICAL = {row["canonical_tag"]: row for row in seed("canonical_tags")}
MEANING = {row["raw_tag"]: row["canonical_tag"] for row in seed("raw_tag_map")}
MACHINE = [re.compile(row["pattern"]) for row in seed("machine_tags")]


def test_twelve_drivers_and_fifty_eight_canonical_tags_ship():
    assert len(DRIVERS) == 12
    assert len(CANONICAL) == 58
    assert {row["driver"] for row in CANONICAL.values()} == DRIVERS


@pytest.mark.parametrize(
    ("name", "key"),
    [("drivers", "driver"), ("canonical_tags", "canonical_tag"), ("raw_tag_map", "raw_tag")],
)
def test_no_two_windows_of_one_key_overlap(name, key):
    windows = defaultdict(list)
    for row in seed(name):
        windows[row[key]].append(
            (
                date.fromisoformat(row["valid_from"]),
                date.fromisoformat(row["valid_to"] or "9999-12-31"),
            )
        )
    for member, spans in windows.items():
        spans.sort()
        assert all(first < last for first, last in spans), member
        assert all(a[1] <= b[0] for a, b in pairwise(spans)), member


def test_priorities_are_apart_and_leave_the_driver_rank_to_decide():
    priorities = [int(row["priority"]) for row in CANONICAL.values()]
    assert len(set(priorities)) == len(priorities)
    assert all(0 < priority < 1000 for priority in priorities)


def test_every_raw_tag_is_in_the_form_it_is_looked_up_by():
    """
    A key that normalisation would change can never be found again.
    """
    keys = [row["raw_tag"] for row in seed("raw_tag_map")]
    assert len(keys) >= 350
    assert [key for key, form in zip(keys, normalised(keys), strict=True) if key != form] == []


def test_every_canonical_tag_is_known_and_maps_to_itself():
    assert set(MEANING.values()) == set(CANONICAL)
    assert {tag: MEANING.get(tag) for tag in CANONICAL} == {tag: tag for tag in CANONICAL}
    exact = {row["raw_tag"] for row in seed("raw_tag_map") if row["method"] == "exact"}
    assert exact == set(CANONICAL)


MESSY = {
    "billing_payments": "Billing |biling_issue|double-charged!!|inv_req|REFUND|refund_pls|refnd_not_recvd|vat?"
    "|payment failed 💳",
    "subscription_plan": "cancelation|cancel_acct|churn-risk|downgrade2free|renewal_2025",
    "account_access": "log in|LOGIN_ISSUE|loginissue2|pw_reset|2FA|sso/okta|cant-access",
    "onboarding_setup": "on-boarding|onbording|setup_help|csv_import|slack_integ",
    "product_defect": "bug|BUG-1234|err500|app_crashes_ios|broken_since_v2",
    "performance_availability": "down|Service Outage|sloooow|emails_not_arriving",
    "howto_usability": "how-to|howto?|question|kb_gap|ux_feedback",
    "feature_feedback": "FR|feat_req|enhancment|love_it",
    "orders_shipping_returns": "WISMO|where_is_my_order|late_delivry|dhl_lost|return label|RMA",
    "service_experience": "2nd_contact|no_reply_3days|manager_pls|chatbot_loop",
    "security_fraud_privacy": "fraud!|unauth_txn|gdpr-delete|lost card",
    "regulated_complaints": "complaint_formal|CFPB|ombudsman|kyc_docs|appeal-denied|chargeback_q3",
}


@pytest.mark.parametrize("driver", MESSY)
def test_the_messy_spellings_of_real_agents_reach_their_driver(driver):
    tags = MESSY[driver].split("|")
    reached = {
        tag: CANONICAL[MEANING[form]]["driver"]
        for tag, form in zip(tags, normalised(tags), strict=True)
    }
    assert reached == dict.fromkeys(tags, driver)


def test_the_spellings_of_the_synthetic_exports_mean_what_they_were_written_for():
    with SPELLINGS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row, form in zip(rows, normalised([row["raw_tag"] for row in rows]), strict=True):
        if row["canonical_tag"] in CANONICAL:
            assert MEANING.get(form) == row["canonical_tag"], row
        else:
            assert form not in MEANING, row


def test_a_machine_tag_is_never_a_customers_meaning():
    assert all(pattern.pattern[0] == "^" and pattern.pattern[-1] == "$" for pattern in MACHINE)
    assert {tag for tag in MEANING for pattern in MACHINE if pattern.search(tag)} == set()


@pytest.mark.parametrize(
    "raw",
    re.findall(
        r"\S+",
        "closed_by_merge merge web_widget auto_reply csat_sent macro_1042 sla_breach spam vip language_de"
        " language_pt_br sample zendesk support policy_exception goodwill_refund tier_2",
    ),
)
def test_tags_that_machines_set_are_recognised(raw):
    assert any(pattern.search(raw) for pattern in MACHINE)


@pytest.mark.parametrize(
    ("name", "key", "value", "allowed"),
    [
        ("channels", "raw_channel", "channel", CHANNELS),
        ("statuses", "raw_status", "status", STATUSES),
    ],
)
def test_source_words_are_in_lower_case_once_each_and_reach_every_value(name, key, value, allowed):
    rows = seed(name)
    words = [row[key] for row in rows]
    assert words == [word.lower().strip() for word in words]
    assert len(set(words)) == len(words)
    assert {row[value] for row in rows} == allowed


def test_the_words_of_real_files_are_known():
    if not DATA.exists():
        pytest.skip("the shared real data are not on this machine")
    complaints = f"read_csv('{DATA}/cfpb/complaints_2015_2020.csv', all_varchar = true)"
    incidents = f"read_csv('{DATA}/uci_incident_log/incident_event_log.csv', all_varchar = true)"
    channels = {row["raw_channel"] for row in seed("channels")}
    statuses = {row["raw_status"] for row in seed("statuses")}
    for column, table, known in (
        ("Submitted via", complaints, channels),
        ("Company response to consumer", complaints, statuses),
        ("contact_type", incidents, channels),
        ("incident_state", incidents, statuses),
    ):
        found = duckdb.sql(f'select distinct lower(trim("{column}")) from {table}').fetchall()
        assert {word for (word,) in found if word} <= known, column


def test_every_language_is_an_iso_639_1_code_and_stands_for_itself():
    languages = {row["raw_language"]: row["language"] for row in seed("languages")}
    assert {"en-us": "en", "de": "de", "es-419": "es", "german": "de"}.items() <= languages.items()
    for raw, code in languages.items():
        assert re.fullmatch("[a-z]{2}", code), raw
        assert raw == raw.lower().strip()
        assert languages[code] == code


def test_every_canonical_tag_has_rules_in_english_and_most_in_german_and_spanish():
    rules = Counter((row["canonical_tag"], row["language"]) for row in seed("keyword_rules"))
    assert {tag for tag, _ in rules} == set(CANONICAL)
    assert [tag for tag in CANONICAL if rules[tag, "en"] < 3] == []
    assert sum(rules[tag, "de"] > 0 for tag in CANONICAL) >= 40
    assert sum(rules[tag, "es"] > 0 for tag in CANONICAL) >= 40


def inferred(texts: list[str], language: str = "en") -> list[str | None]:
    """The canonical tag with the highest sum of weights from 2 on, the first by name of equals, or none."""
    rules = [row for row in seed("keyword_rules") if row["language"] in (language, "any")]
    hits = macro("match_keyword_rules", "body", rules)
    rows = duckdb.execute(
        f"""
        with given as (select unnest(?::varchar[]) as body, unnest(range(?)) as no),
        texts as (select {macro("keyword_text", "body")} as body, no from given),
        hits as (select no, unnest({hits}) as hit from texts),
        sums as (select no, hit.canonical_tag as tag, sum(hit.weight) as weight from hits group by all)
        select arg_min(tag, (-weight, tag)) filter (where weight >= 2)
        from texts left join sums using (no) group by no order by no
        """,
        [texts, len(texts)],
    ).fetchall()
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    ("language", "text", "tag"),
    [
        ("en", "I have been charged twice for my order", "billing_duplicate_charge"),
        ("en", "My card was stolen, please block it", "card_lost_stolen"),
        ("en", "I still have not received my refund", "refund_delay"),
        ("en", "Please delete all my personal data under GDPR", "data_privacy_request"),
        ("en", "It’s been weeks and I haven’t received\nmy  card", "delivery_delay"),
        ("de", "Hiermit kündige ich meinen Vertrag.", "cancel_request"),
        ("de", "Ich habe mein Passwort vergessen", "password_reset"),
        ("es", "Mi pedido no ha llegado, lleva retraso", "delivery_delay"),
        ("es", "No puedo iniciar sesión", "login_failed"),
        ("en", "Hello, I have a matter to talk over.", None),
        ("en", "", None),
    ],
)
def test_a_rule_speaks_only_where_the_text_does(language, text, tag):
    assert inferred([text], language) == [tag]


def test_keyword_rules_are_right_on_real_messages_nine_times_in_ten():
    """
    And where somebody asks about a thing the taxonomy names, they find it four times in five.
    """
    if not DATA.exists():
        pytest.skip("the shared real data are not on this machine")
    asked = [each for each in bank_questions() if each.half == "development"]
    found = score_tags(
        list(
            zip(
                inferred([each.text for each in asked]),
                [each.label for each in asked],
                strict=True,
            )
        )
    )
    assert found.precision >= 0.9
    assert found.recall >= 0.8

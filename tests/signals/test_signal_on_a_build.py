"""A signal on a real build: rules are tried as dbt compiles them, and what leaves is what readers see."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from llm_server import answered, llm_server
from running import Built, Ended, assay_of, checkout

from signals.classifier import Declaration
from signals.transcripts import Texts

RULES = """
-- Grain: one row per touched, in-scope conversation.
{{ config(schema='signals', materialized='view', group='analytics') }}
select
    conversations.conversation_id,
    case when bool_or(contains(messages.body, 'order')) then 'yes' else 'no' end as value,
    0.9::double as confidence,
    null::varchar as abstain_reason,
    min(messages.message_no) filter (where contains(messages.body, 'order')) as message_no,
    case when bool_or(contains(messages.body, 'order')) then 'order' end as cue
from {{ ref('conversations') }} as conversations
inner join {{ ref('touched_conversations') }} as touched
    on conversations.conversation_id = touched.conversation_id
left join {{ ref('fct_messages') }} as messages
    on conversations.conversation_id = messages.conversation_id and messages.author_role = 'customer'
where conversations.is_in_scope
group by all
"""

ASKED = """
version: 2
models:
  - name: asked_signals
    config:
      group: analytics
      meta:
        signals:
          - name: refund_trouble
            question: Is getting a refund troublesome?
            values: ["yes", "no"]
            answered_by: llm
            languages: [en, de, es]
            version: 1.0.0
            owner: billing@example.com
            instructions: A first request for a refund is no trouble.
  - name: order_mention
    config:
      meta:
        signals:
          - name: order_mention
            question: Is an order mentioned?
            values: ["yes", "don't say"]
            answered_by: rules
            version: 1.0.0
            owner: billing@example.com
            otherwise: "don't say"
            rules:
              - {value: "don't say", any: [money back]}
              - {value: "yes", any: [order]}
"""


@pytest.fixture(scope="module")
def product(tmp_path_factory) -> Path:
    """A checkout of its own with a signal by rules and one for an LLM."""
    folder = checkout(tmp_path_factory.mktemp("product"))
    (folder / "dbt_project/models/signals/order_mention.sql").write_text(RULES)
    (folder / "dbt_project/models/signals/_asked__models.yml").write_text(ASKED)
    subprocess.run([sys.executable, "-m", "signals.columns"], cwd=folder, check=True)
    return folder


def signal(product: Path, data: Path, *arguments: str, **environment: str) -> Ended:
    return assay_of(product, "signal", *arguments, data=data, **environment)


def test_rules_are_tried_on_a_sample_as_they_stand_and_nothing_of_the_build_changes(
    product, built: Built, copy_of
):
    data = copy_of(built).data
    before = (data / "work.duckdb").read_bytes()
    ended = signal(product, data, "try", "order_mention", "--sample", "50", "--seed", "4", "--json")
    assert ended.code == 0, ended.err
    tried = json.loads(ended.out)
    assert len(tried) == 50
    expected = dict(
        built.rows(
            "select conversation_id, bool_or(contains(body, 'order')) from marts.fct_messages"
            " where author_role = 'customer' group by all"
        )
    )
    said = {each["conversation_id"]: each["value"] == "yes" for each in tried}
    assert said == {each: expected.get(each, False) for each in said}
    assert any(said.values())
    assert all("order" in each["quote"] for each in tried if each["value"] == "yes")
    assert (data / "work.duckdb").read_bytes() == before


def test_what_leaves_is_the_customer_s_words_as_published_and_nothing_else(
    product, built: Built, copy_of
):
    data = copy_of(built).data
    with llm_server(lambda asked: answered("no")) as server:
        named = {"ASSAY_LLM_URL": server.url, "ASSAY_LLM_MODEL": "m"}
        ended = signal(product, data, "answer", "--max-requests", "60", **named)
        assert ended.code == 0, ended.err
        sent = {message["text"] for asked in server.asked for message in asked.messages}
        keys = {key for asked in server.asked for key in asked.body}
    published = built.rows("select body from marts.fct_messages where author_role = 'customer'")
    assert len(sent) >= 60
    assert sent <= {body for (body,) in published}
    # no id, no subject, no user of the help desk's or ours
    assert keys <= {"model", "messages", "response_format", "temperature", "max_completion_tokens"}


WORDS = {
    1: "Мой заказ не пришёл, помогите пожалуйста.",
    2: "Ich habe meine Bestellung nicht bekommen und möchte mein Geld zurück, weil ich es nicht mehr brauche.",
    3: "I have not received the order that I paid for, and I would like to have my money back.",
    4: "Estoy esperando mi pedido desde hace dos semanas y no me contesta nadie por favor.",
}
DETECTED = [("zendesk:1", "ru"), ("zendesk:2", "de"), ("zendesk:3", "en"), ("zendesk:4", "es")]


@pytest.fixture(scope="module")
def in_four_languages(product, tmp_path_factory) -> Built:
    """Four tickets of which the export states no language, and a signal that is asked in three."""
    folder = tmp_path_factory.mktemp("languages")
    exports = folder / "exports"
    (exports / "zendesk").mkdir(parents=True)
    moment = "2026-03-02T10:00:00Z"
    tickets = [
        {
            "id": number, "created_at": moment, "updated_at": moment, "subject": "hello",
            "description": words, "requester_id": 7, "submitter_id": 7, "status": "open",
        }
        for number, words in WORDS.items()
    ]  # fmt: skip
    (exports / "zendesk" / "tickets.ndjson").write_text(
        "".join(json.dumps({"ticket": each}) + "\n" for each in tickets)
    )
    ended = assay_of(product, "run", "--exports", exports, data=folder / "data")
    assert ended.code == 0, ended.out + ended.err
    return Built(folder / "data", exports, ended)


@pytest.mark.worlds
def test_a_language_nobody_stated_is_published_as_it_was_detected(in_four_languages):
    languages = "select conversation_id, language from marts.fct_conversations order by 1"
    assert in_four_languages.rows(languages) == DETECTED
    rolled_up = "select language from marts.rollup_drivers where cadence = 'day' order by 1"
    assert in_four_languages.rows(rolled_up) == [("de",), ("en",), ("es",), ("ru",)]


@pytest.mark.worlds
def test_expected_counts_are_compared_with_the_language_that_is_stated(in_four_languages):
    slices = "select slice, loaded from marts.coverage where slice_kind = 'language'"
    assert in_four_languages.rows(slices) == [("unknown", 4)]


@pytest.mark.worlds
def test_nobody_is_asked_about_a_text_in_a_language_the_signal_does_not_speak(in_four_languages):
    """
    Whoever answers is asked by the language rules go by, in the build and after it.
    """
    asked = (
        "select conversation_id, abstain_reason from marts.fct_signals"
        " where signal = 'refund_trouble' order by 1"
    )
    assert in_four_languages.rows(asked) == [
        ("zendesk:1", "language not spoken"),
        *((f"zendesk:{number}", "not answered yet") for number in (2, 3, 4)),
    ]
    with duckdb.connect(str(in_four_languages.published), read_only=True) as published:
        declared = Declaration("s", "c", "1.0.0", "?", ("yes", "no"), ("en",))
        keys, reasons = Texts(published).keys(declared, [each for each, _ in DETECTED])
    assert [*keys] == ["zendesk:3"]
    assert {*reasons.values()} == {"language not spoken"}


@pytest.mark.worlds
def test_a_value_is_stored_as_it_is_declared_quotes_too(in_four_languages):
    """
    It is text of whoever declares it, and never SQL; languages left out are English, as for everybody.
    """
    said = (
        "select conversation_id, value, cue, abstain_reason from signals.custom_signals"
        " where signal = 'order_mention'"
    )
    with duckdb.connect(str(in_four_languages.data / "work.duckdb"), read_only=True) as work:
        assert [row for row in work.execute(said).fetchall() if row[3] is None] == [
            ("zendesk:3", "don't say", "money back", None)
        ]

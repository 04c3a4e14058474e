"""A signal on a real build: rules are tried as dbt compiles them, and what leaves is what readers see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from llm_server import answered, llm_server
from running import Built, Ended, checkout

RULES = """
-- Grain: one row per touched, in-scope conversation.
{{ config(schema='signals', materialized='view', group='analytics', meta={'signals': [{
    'name': 'order_mention', 'question': 'Is an order mentioned?', 'values': ['yes', 'no'],
    'answered_by': 'rules', 'version': '1.0.0', 'owner': 'billing@example.com', 'otherwise': 'no',
    'rules': [{'value': 'yes', 'any': ['order']}]}]}) }}
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
"""


@pytest.fixture(scope="module")
def product(tmp_path_factory) -> Path:
    """A checkout of its own with a signal by rules and one for an LLM."""
    folder = checkout(tmp_path_factory.mktemp("product"))
    (folder / "dbt_project/models/signals/order_mention.sql").write_text(RULES)
    (folder / "dbt_project/models/signals/_asked__models.yml").write_text(ASKED)
    return folder


def signal(product: Path, data: Path, *arguments: str, **environment: str) -> Ended:
    clean = {name: text for name, text in os.environ.items() if not name.startswith("ASSAY_")}
    done = subprocess.run(
        [sys.executable, "-c", "from orchestration.cli import main; main()", "signal", *arguments],
        cwd=product,
        env={**clean, "PYTHONPATH": str(product), "ASSAY_DATA": str(data), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


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

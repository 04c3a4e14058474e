"""`assay signal` as a user runs it, in a project that declares a signal for an LLM and one for a callable."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from llm_server import answered, failure, llm_server
from llm_world import KEY
from running import Ended, assay_of, checkout

DECLARED = """
version: 2
models:
  - name: dim_drivers
    config:
      meta:
        signals:
          - name: refund_trouble
            question: Is getting a refund troublesome?
            values: ["yes", "no"]
            answered_by: llm
            languages: [en]
            version: 1.0.0
            owner: billing@example.com
            instructions: A first request for a refund is no trouble.
          - name: shouting
            question: Does the customer shout?
            values: ["yes", "no"]
            answered_by: python
            callable: our_signals:shouting
            version: 1.0.0
            owner: billing@example.com
"""

CALLABLE = """
from signals.classifier import Answer


def shouting(conversations):
    for each in conversations:
        body = each.messages[0].body
        yield Answer(each.conversation_id, "yes" if body.isupper() else "no", 1.0, message_no=1, cue=body)
"""


@pytest.fixture(scope="module")
def product(tmp_path_factory) -> Path:
    """A checkout of its own, with the two signals declared."""
    folder = checkout(tmp_path_factory.mktemp("product"))
    marts = folder / "dbt_project/models/marts/_marts__models.yml"
    text = marts.read_text()
    meta = DECLARED.partition("    config:\n")[2]
    start = text.index("  - name: dim_drivers\n") + len("  - name: dim_drivers\n")
    marts.write_text(text[:start] + "    config:\n" + meta + text[start:])
    (folder / "our_signals.py").write_text(CALLABLE)
    return folder


@pytest.fixture
def data(tmp_path) -> Path:
    """A data folder with a published build of three conversations."""
    (tmp_path / "published").mkdir()
    with duckdb.connect(str(tmp_path / "published" / "assay.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.fct_conversations as select unnest(['zendesk:1', 'zendesk:2', 'zendesk:3'])"
            " as conversation_id, 'en' as language, true as is_in_scope, now() as opened_at"
        )
        connection.execute(
            "create table marts.fct_messages as select unnest(['zendesk:1', 'zendesk:2', 'zendesk:3'])"
            " as conversation_id, 1 as message_no, 'customer' as author_role,"
            " unnest(['My refund was [bold]refused[/] twice.', 'WHERE IS MY MONEY', 'Thanks.\x1b[2J']) as body"
        )
    return tmp_path


@pytest.fixture
def signal(product, data):
    def run(*arguments: str, **environment: str) -> Ended:
        return assay_of(product, "signal", *arguments, data=data, COLUMNS="160", **environment)

    return run


def behaviour(asked):
    refused = "refused" in asked.user
    return answered("yes", "refused[/] twice") if refused else answered("no")


def named(server) -> dict[str, str]:
    return {"ASSAY_LLM_URL": server.url, "ASSAY_LLM_MODEL": "m", "ASSAY_LLM_KEY": KEY}


def ledger(data: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(data / "ledger.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_a_signal_is_tried_before_anything_is_stored(signal, data):
    with llm_server(behaviour) as server:
        ended = signal("try", "refund_trouble", "--sample", "3", **named(server))
        assert ended.code == 0, ended.err
        assert len(server.asked) == 3
    # text of a ticket is neither markup nor an order to the terminal
    assert "My refund was [bold]refused[/] twice." in ended.out
    assert "\x1b[2J" not in ended.out
    assert "3 conversations: yes 1, no 2, abstained 0. Nothing was stored." in ended.out
    assert not (data / "ledger.duckdb").exists()


def test_answers_are_asked_for_once_within_the_budget_and_the_key_is_written_nowhere(signal, data):
    with llm_server(behaviour) as server:
        first = signal("answer", "--max-requests", "2", "--json", **named(server))
        assert first.code == 0, first.err
        shouting, refund = sorted(
            json.loads(first.out), key=lambda each: each["signal"], reverse=True
        )
        assert (shouting["answered"], shouting["left"]) == ({"yes": 1, "no": 2}, 0)
        assert (refund["wanted"], refund["left"]) == (3, 1)
        second = signal("answer", "refund_trouble", **named(server))
        assert second.code == 0, second.err
        assert len(server.asked) == 3
        assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    found = ledger(
        data, "select value, cue from answers where signal = 'refund_trouble' order by 1"
    )
    assert found == [("no", None), ("no", None), ("yes", "refused[/] twice")]
    assert KEY not in first.out + first.err + second.out + second.err
    assert not any(KEY.encode() in file.read_bytes() for file in data.rglob("*") if file.is_file())


def test_an_endpoint_that_refuses_is_a_failure_that_says_what_to_check(signal, data):
    with llm_server(lambda asked: failure(401, f"bad key {KEY}")) as server:
        ended = signal("answer", "refund_trouble", **named(server))
    assert ended.code == 2
    assert (
        "Check ASSAY_LLM_URL, ASSAY_LLM_MODEL and ASSAY_LLM_KEY. 3 left for another run."
        in ended.out
    )
    assert KEY not in ended.out + ended.err


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (("try", "refund_truble"), {}, "Did you mean refund_trouble?"),
        (("answer", "refund_trouble"), {}, "No endpoint is named"),
        (("answer",), {"ASSAY_LLM_URL": "localhost:8000"}, "ASSAY_LLM_MODEL is not set"),
        (("answer",), {"ASSAY_LLM_URL": "http://me:pw@host/v1"}, "holds a user name or password"),
    ],
)
def test_what_cannot_be_asked_is_said_before_anybody_is(signal, arguments, environment, said):
    ended = signal(*arguments, **environment)
    assert ended.code == 2
    assert said in ended.err
    assert ":pw@" not in ended.err


def test_what_is_declared_can_be_listed(signal):
    ended = signal("list", "--json")
    assert ended.code == 0, ended.err
    declared = {each["name"]: each["answered_by"] for each in json.loads(ended.out)}
    assert declared.items() >= {"refund_trouble": "llm", "shouting": "python"}.items()

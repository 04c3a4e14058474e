"""Answers on their way from the ledger into the build; and a Python callable that gives some."""

from __future__ import annotations

import sys

import duckdb
import pytest
from llm_server import answered, llm_server
from llm_world import Asking, marts
from running import ROOT

from orchestration.answers import LedgerAnswers, bring_answers, newly_answered
from orchestration.ledger import Ledger
from signals.answering import answer
from signals.callables import CallableError, PythonClassifier
from signals.classifier import LANGUAGE_NOT_SPOKEN, NO_CUSTOMER_WORDS, NOT_ANSWERED

REFUND = "I asked for my refund three times."

CALLABLE = (ROOT / "signals/README.md").read_text().partition("```python\n")[2].partition("```")[0]
"""The function the documentation shows."""

STRANGE = """

def strange(conversations):
    yield Answer("zendesk:99", "yes", 1.0, cue="x", message_no=1)
    yield Answer(conversations[0].conversation_id, "perhaps", 1.0)
    yield "no answer at all"
"""


@pytest.fixture
def functions(tmp_path, monkeypatch):
    """A module of a user's own, on the path."""
    (tmp_path / "our_signals.py").write_text(CALLABLE + STRANGE)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("our_signals", None)


def python(function, **changed):
    return PythonClassifier(
        **{
            "path": f"our_signals:{function}",
            "signal": "shouting",
            "question": "Does the customer shout?",
            "values": ("yes", "no"),
            "languages": (),
            "version": "1.0.0",
            **changed,
        }
    )


@pytest.fixture
def ledger(tmp_path):
    with Ledger.open(tmp_path / "ledger.duckdb") as opened:
        yield opened


def brought(texts, classifiers, ledger, ids):
    with duckdb.connect() as work:
        bring_answers(work, texts, classifiers, LedgerAnswers(ledger), ids)
        return work.execute(
            "select conversation_id, value, abstain_reason, message_no, cue from raw.answers order by 1"
        ).fetchall()


def test_every_conversation_of_a_run_has_a_row_a_value_or_the_reason_for_none(tmp_path, ledger):
    texts = marts(REFUND, "Other words.", None, "Wo?", languages=["en", "en", "en", "de"])
    with llm_server(lambda asked: answered("yes", "three times")) as server:
        asking = Asking(server, tmp_path, languages=("en",), max_requests=1)
        classifier = asking.classifier()
        answer(texts, [classifier], LedgerAnswers(ledger))
    ids = [f"zendesk:{n}" for n in range(1, 5)]
    assert brought(texts, [classifier], ledger, ids) == [
        ("zendesk:1", "yes", None, 1, "three times"),
        ("zendesk:2", None, NOT_ANSWERED, None, None),
        ("zendesk:3", None, NO_CUSTOMER_WORDS, None, None),
        ("zendesk:4", None, LANGUAGE_NOT_SPOKEN, None, None),
    ]


def test_bringing_again_replaces_and_a_signal_no_longer_declared_goes(functions, ledger):
    texts = marts("STOP that.", "Fine.")
    shouting, former = python("shouting"), python("shouting", signal="former")
    ids = ["zendesk:1", "zendesk:2"]
    answer(texts, [shouting, former], LedgerAnswers(ledger))
    with duckdb.connect() as work:
        bring_answers(work, texts, [shouting, former], LedgerAnswers(ledger), ids)
        bring_answers(work, texts, [shouting], LedgerAnswers(ledger), ids[:1])
        found = work.execute("select conversation_id, signal, value from raw.answers order by 1")
        assert found.fetchall() == [
            ("zendesk:1", "shouting", "yes"),
            ("zendesk:2", "shouting", "no"),
        ]


def test_a_conversation_answered_since_it_was_built_is_found_until_it_is_built_again(
    tmp_path, ledger
):
    texts = marts(REFUND, "Other words.")
    texts.connection.execute(
        "create table marts.fct_signals as select conversation_id, 'refund_friction' as signal,"
        f" '{NOT_ANSWERED}' as abstain_reason, 'llm:m' as classifier from marts.fct_conversations"
    )
    book = LedgerAnswers(ledger)
    with llm_server(lambda asked: answered("no")) as server:
        classifier = Asking(server, tmp_path, max_requests=1).classifier()
        assert newly_answered(texts, [classifier], book) == []
        answer(texts, [classifier], book)
    assert newly_answered(texts, [classifier], book) == ["zendesk:1"]
    # what stands in for an answer is as good as none
    texts.connection.execute(
        "update marts.fct_signals set abstain_reason = null, classifier = 'first_sentences'"
    )
    assert newly_answered(texts, [classifier], book) == ["zendesk:1"]
    texts.connection.execute(
        "update marts.fct_signals set classifier = 'llm:m' where conversation_id = 'zendesk:1'"
    )
    assert newly_answered(texts, [classifier], book) == []


def test_the_callable_of_the_documentation_answers_a_signal_in_twenty_lines(functions, ledger):
    assert len(CALLABLE[CALLABLE.index("def ") :].strip().splitlines()) <= 20
    texts = marts("This is the THIRD time.", "Thank you.")
    (report,) = answer(texts, [python("shouting")], LedgerAnswers(ledger))
    assert report.answered == {"yes": 1, "no": 1}
    kept = ledger.connection.execute("select value, cue, classifier from answers order by 1 desc")
    assert kept.fetchall() == [
        ("yes", "THIRD", "python:our_signals:shouting"),
        ("no", None, "python:our_signals:shouting"),
    ]


def test_a_callable_is_held_to_its_declaration_and_what_it_fails_on_is_said(functions, ledger):
    (report,) = answer(marts("One.", "Two."), [python("strange")], LedgerAnswers(ledger))
    # what it made of a conversation it was not given is nobody's; what it had answered by then is kept
    assert report.abstained == {"value not allowed": 1}
    assert report.left == 1
    assert report.is_failure
    assert (
        report.stopped
        == "python:our_signals:strange failed: TypeError: it gave a str, not an Answer."
    )


def test_a_callable_that_fails_stops_no_other_signal(functions, ledger):
    classifiers = [python("strange", signal="strange"), python("shouting")]
    strange, shouting = answer(marts("One.", "Two."), classifiers, LedgerAnswers(ledger))
    assert (strange.left, shouting.left) == (1, 0)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("our_signals", "write module:function"),
        ("our_signals:shouts", "cannot be imported"),
        ("nowhere_to_be_found:f", "cannot be imported"),
        ("signals.classifier:PAGE", "cannot be imported"),
        ("signals.classifier:NOT_ANSWERED", "is no function but str"),
    ],
)
def test_a_callable_that_is_not_there_is_named(functions, path, said):
    with pytest.raises(CallableError, match=said):
        python("x", path=path)

"""An endpoint that is slow, overloaded, broken or closed: what is tried again, and what is given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from llm_server import Sent, answered, completion, failure, llm_server
from llm_world import KEY, Asking, marts

REFUND = "I asked for my refund three times."


def yes(_asked):
    return answered("yes", "three times")


def first_then(first, attempts=1):
    """Answers with `first` for so many attempts at each question, then well."""
    return lambda asked: first if asked.attempt <= attempts else yes(asked)


@pytest.mark.parametrize(
    "fault",
    [
        failure(500),
        failure(503),
        failure(429),
        Sent(body=b'{"choices": [{"mess'),
        Sent(body=b'{"choices": []}'),
        Sent(body=b"<html>busy</html>", headers={"Content-Type": "text/html"}),
        completion("yes, because they asked three times"),
    ],
    ids=["500", "503", "429", "cut", "empty", "html", "free text"],
)
def test_a_fault_that_passes_costs_another_request_and_no_answer(tmp_path, fault):
    with llm_server(first_then(fault)) as server:
        asking = Asking(server, tmp_path)
        assert asking.ask(marts(REFUND)).answered == {"yes": 1}
        assert len(server.asked) == 2
    assert asking.kept() == [("zendesk:1", "yes", None)]


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "date"])
def test_a_pause_the_endpoint_names_is_kept_by_every_thread(tmp_path, as_date):
    named = format_datetime(datetime.now(UTC) + timedelta(seconds=2.9), usegmt=True)
    busy = failure(429, headers={"Retry-After": named if as_date else "1"})
    with llm_server(lambda asked: busy if asked.number == 1 else yes(asked)) as server:
        report = Asking(server, tmp_path, concurrency=1).ask(marts(REFUND, REFUND + " Again."))
        assert report.answered == {"yes": 2}
        assert server.times[1] - server.times[0] > 0.9


def test_an_endpoint_that_wants_minutes_is_left_for_another_run(tmp_path):
    busy = failure(429, headers={"Retry-After": "3600"})
    with llm_server(lambda asked: busy) as server:
        report = Asking(server, tmp_path).ask(marts(REFUND, "Other."))
        assert "asks to wait 3,600 seconds" in report.stopped
        assert report.left == 2
        assert len(server.asked) <= 2


def test_an_endpoint_that_does_not_reply_in_time_is_asked_again(tmp_path):
    slow = Sent(after=1.0)
    with llm_server(first_then(slow)) as server:
        asking = Asking(server, tmp_path, timeout_seconds=0.3)
        assert asking.ask(marts(REFUND)).answered == {"yes": 1}


def test_an_endpoint_that_is_down_is_given_up_and_says_what_it_said(tmp_path):
    with llm_server(lambda asked: failure(500, "disk full")) as server:
        asking = Asking(server, tmp_path, concurrency=1)
        report = asking.ask(marts(*(f"Text {n}." for n in range(20))))
        assert report.is_failure
        assert "disk full" in report.stopped
        assert report.left == 20
        # five questions of five attempts, and then no more
        assert len(server.asked) == 25
    assert asking.kept() == []


def test_one_question_that_fails_leaves_the_others_answered_and_is_asked_next_time(tmp_path):
    texts = marts(REFUND, "Three times this text breaks the server. three times")

    def behaviour(asked):
        return failure(500) if "breaks" in asked.user else yes(asked)

    with llm_server(behaviour) as server:
        asking = Asking(server, tmp_path)
        report = asking.ask(texts)
        assert (report.answered, report.left, report.stopped) == ({"yes": 1}, 1, None)
        server.behaviour = yes
        again = asking.ask(texts)
        assert (again.known, again.answered, again.left) == (1, {"yes": 1}, 0)


@pytest.mark.parametrize("status", [401, 403, 404, 400, 301])
def test_a_closed_door_ends_the_asking_at_once_and_keeps_the_key_secret(tmp_path, status):
    said = failure(
        status, f"Incorrect API key provided: {KEY}", {"Location": "http://127.0.0.1:1/"}
    )
    with llm_server(lambda asked: said) as server:
        report = Asking(server, tmp_path, concurrency=1).ask(marts(REFUND, "Other."))
        assert len(server.asked) == 1
    assert report.is_failure
    assert KEY not in report.stopped
    assert "ASSAY_LLM_KEY" in report.stopped
    assert str(status) in report.stopped


def test_an_account_without_money_is_not_waited_for(tmp_path):
    broke = failure(429, "You exceeded your quota", code="insufficient_quota")
    with llm_server(lambda asked: broke) as server:
        report = Asking(server, tmp_path, concurrency=1).ask(marts(REFUND))
        assert len(server.asked) == 1
    assert "quota" in report.stopped


def test_a_model_that_takes_no_temperature_or_schema_is_asked_without(tmp_path):
    def behaviour(asked):
        for name in ("temperature", "response_format"):
            if name in asked.body:
                return failure(400, "unsupported", param=name)
        return yes(asked)

    with llm_server(behaviour) as server:
        assert Asking(server, tmp_path).ask(marts(REFUND)).answered == {"yes": 1}


def test_as_many_requests_are_under_way_as_allowed_and_no_more(tmp_path):
    def behaviour(asked):
        return Sent(body=answered("no").body, after=0.05)

    with llm_server(behaviour) as server:
        Asking(server, tmp_path, concurrency=3).ask(marts(*(f"Text {n}." for n in range(12))))
        assert server.most_at_once == 3


def test_a_budget_of_requests_ends_the_asking_and_says_what_is_left(tmp_path):
    with llm_server(lambda asked: answered("no")) as server:
        asking = Asking(server, tmp_path, max_requests=4)
        report = asking.ask(marts(*(f"Text {n}." for n in range(10))))
        assert len(server.asked) == 4
        assert (report.answered, report.left, report.is_failure) == ({"no": 4}, 6, False)
        assert report.stopped == "The budget of 4 requests is spent."
    # the newest conversations are asked about first
    assert {row[0] for row in asking.kept()} == {f"zendesk:{n}" for n in range(1, 5)}


def test_a_budget_of_tokens_is_never_passed_whatever_is_under_way(tmp_path):
    with llm_server(lambda asked: answered("no")) as server:
        report = Asking(server, tmp_path, max_tokens=5_000, concurrency=4).ask(
            marts(*(f"Text {n}." for n in range(100)))
        )
        assert report.tokens == 110 * len(server.asked)
        assert 2_000 < report.tokens <= 5_000
    assert "tokens is spent" in report.stopped


def test_retries_count_against_the_budget(tmp_path):
    with llm_server(lambda asked: failure(500)) as server:
        report = Asking(server, tmp_path, max_requests=3).ask(marts(REFUND))
        assert len(server.asked) == 3
    assert report.left == 1


def test_what_the_environment_tells_other_programs_is_not_sent(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-program")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-another-program")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    with llm_server(yes) as server:
        Asking(server, tmp_path).ask(marts(REFUND))
        (asked,) = server.asked
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert not any("another-program" in text for text in asked.headers.values())

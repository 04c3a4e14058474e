"""One OpenAI-compatible endpoint: a question in, a reply out; when to try again and when to give up."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from signals.classifier import AskingStopped
from signals.llm.budget import Budget
from signals.llm.settings import KEY, MODEL, URL, LlmSettings

if TYPE_CHECKING:
    from openai import APIStatusError, OpenAI
    from openai.types.chat import ChatCompletion

ATTEMPTS = 5
"""Of one question. With waits that double from a second, a fault of half a minute is sat out."""
LONGEST_WAIT = 120.0
"""Seconds. An endpoint that wants a longer pause is asked again by another run, not waited for."""
FAILURES_IN_A_ROW = 5
"""Questions given up one after the other before the endpoint counts as down."""
REPLY_TOKENS = 1_000
"""The most a reply may take; models that think first count their thinking too."""
CHARACTERS_PER_TOKEN = 2
"""Of a question, for what is reserved before its cost is known: few languages need more tokens."""
MAY_PASS = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""Status codes of a fault that waiting can mend."""
REFUSALS = frozenset({"content_filter", "content_policy_violation", "context_length_exceeded"})
"""Codes of a request refused for what its text is, where the endpoint as such works."""


@dataclass(frozen=True)
class Reply:
    """What came back: the text, or None where the model or the endpoint refused; and what it cost."""

    content: str | None
    is_cut_off: bool = False
    input_tokens: int = 0
    output_tokens: int = 0


class NotReached(Exception):
    """This question got no reply after all attempts; another may."""


class Endpoint:
    """
    Safe to be asked from several threads. `first_wait` is in seconds.

    Where the endpoint names a time to wait (Retry-After), every thread waits, not only the one that
    was told.
    """

    def __init__(self, settings: LlmSettings, budget: Budget, first_wait: float = 1.0) -> None:
        self._settings, self._budget, self._first_wait = settings, budget, first_wait
        self._not_before = 0.0
        self._failures = 0
        self._stopped = threading.Event()
        self._not_taken: set[str] = set()

    @cached_property
    def _client(self) -> OpenAI:
        # not before somebody is asked: the library is optional, and a second's work to import
        return _client(self._settings)

    def stop(self) -> None:
        """Whoever waits, or would ask next, gives up at once."""
        self._stopped.set()

    def ask(self, system: str, user: str, schema: Mapping[str, Any]) -> Reply:
        """
        One question, asked until it is answered.

        Raises NotReached where that failed this time, and AskingStopped where the endpoint will not
        answer anything: no access, no such model, down, or the budget spent.
        """
        said = ""
        for attempt in range(ATTEMPTS):
            self._wait()
            try:
                reply = self._once(system, user, schema)
            except _Passing as passing:
                said = str(passing)
                self._pause(passing.wait, attempt)
            else:
                self._failures = 0
                return reply
        self._failures += 1
        if self._failures >= FAILURES_IN_A_ROW:
            raise AskingStopped(
                f"{self._settings.url} failed {self._failures} questions in a row, {ATTEMPTS} times each: {said}",
                is_failure=True,
            )
        raise NotReached(said)

    def _once(self, system: str, user: str, schema: Mapping[str, Any]) -> Reply:
        client = self._client
        import openai

        reserved = (len(system) + len(user)) // CHARACTERS_PER_TOKEN + REPLY_TOKENS
        request: dict[str, Any] = {
            "model": self._settings.model,
            "messages": [
                {"role": "system", "content": system},
                {"role": "user", "content": user},
            ],
            **self._options(schema),
        }
        self._budget.reserve(reserved)
        # an attempt that brings nothing back has cost nothing that anybody states
        used = 0
        try:
            completion = client.chat.completions.create(**request)
            reply = _reply(completion)
            used = (reply.input_tokens + reply.output_tokens) or reserved
            return reply
        except (openai.APIConnectionError, openai.APIResponseValidationError) as error:
            # a timeout is a connection error too; its text names the address at most
            raise _Passing(self._safe(str(error))) from None
        except openai.APIStatusError as error:
            return self._refused(error)
        except (ValueError, TypeError, AttributeError, IndexError):
            # the client library does not check what a success holds; it was made, so it was paid for
            used = reserved
            raise _Passing("the reply is not a chat completion") from None
        finally:
            self._budget.settle(reserved, used)

    def _options(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        options = {
            "response_format": schema,
            "temperature": 0,
            "max_completion_tokens": REPLY_TOKENS,
        }
        return {name: value for name, value in options.items() if name not in self._not_taken}

    def _refused(self, error: APIStatusError) -> Reply:
        code, parameter = getattr(error, "code", None), getattr(error, "param", None)
        said = f"{error.status_code} {self._safe(_message(error))}"
        if error.status_code in MAY_PASS and code != "insufficient_quota":
            raise _Passing(said, _retry_after(error))
        if error.status_code in (400, 413, 422) and code in REFUSALS:
            return Reply(None)
        if error.status_code == 400 and parameter in self._options({}):
            # some models take no temperature, some servers no schema: the host checks every reply anyway
            self._not_taken.add(str(parameter))
            raise _Passing(said)
        raise AskingStopped(
            f"{self._settings.url} does not answer with model {self._settings.model}: {said} "
            f"Check {URL}, {MODEL} and {KEY}.",
            is_failure=True,
        )

    def _wait(self) -> None:
        while not self._stopped.is_set():
            left = self._not_before - time.monotonic()
            if left <= 0:
                return
            self._stopped.wait(left)
        raise NotReached("asking was stopped")

    def _pause(self, asked: float | None, attempt: int) -> None:
        """As long as the endpoint asks for, or twice as long as the last time."""
        if asked is None:
            if attempt + 1 < ATTEMPTS:
                self._stopped.wait(self._backoff(attempt))
        elif asked > LONGEST_WAIT:
            raise AskingStopped(
                f"{self._settings.url} asks to wait {asked:,.0f} seconds: ask again later.",
                is_failure=True,
            )
        else:
            self._not_before = max(self._not_before, time.monotonic() + asked)

    def _backoff(self, attempt: int) -> float:
        # spread out: threads that failed together should not come back together
        return min(30.0, self._first_wait * 2.0**attempt) * random.uniform(0.75, 1.25)

    def _safe(self, said: str) -> str:
        """What an endpoint says, fit to be shown: one line, not long, without the key it may repeat."""
        if self._settings.key:
            said = said.replace(self._settings.key, "***")
        line = " ".join("".join(c if c.isprintable() else " " for c in said).split())
        line = line if len(line) <= 200 else line[:199] + "…"
        return line if line.endswith((".", "!", "?", "…")) else line + "."


class _Passing(Exception):
    """A fault that waiting can mend; `wait` is how long the endpoint asks for, in seconds."""

    def __init__(self, said: str, wait: float | None = None) -> None:
        super().__init__(said)
        self.wait = wait


def _client(settings: LlmSettings) -> OpenAI:
    try:
        import openai
    except ImportError:
        raise AskingStopped(
            "The client library for LLM endpoints is not installed: pip install 'assay[llm]'.",
            is_failure=True,
        ) from None
    return openai.OpenAI(
        base_url=settings.url,
        api_key=settings.key or "none",
        timeout=settings.timeout_seconds,
        # each attempt is counted against the budget, so attempts are made here
        max_retries=0,
        # an account named in the environment for other programs is nobody's business here; Omit is the
        # client's own way to leave a header out, which its type of headers does not know
        default_headers={
            "OpenAI-Organization": openai.Omit(),  # type: ignore[dict-item]
            "OpenAI-Project": openai.Omit(),  # type: ignore[dict-item]
        },
        # text goes to the address that was named, and nowhere it points to
        http_client=openai.DefaultHttpxClient(follow_redirects=False),
    )


def _reply(completion: ChatCompletion) -> Reply:
    choice, usage = completion.choices[0], completion.usage
    refused = bool(choice.message.refusal) or choice.finish_reason == "content_filter"
    return Reply(
        None if refused else str(choice.message.content or ""),
        choice.finish_reason == "length",
        max(0, int(usage.prompt_tokens or 0)) if usage else 0,
        max(0, int(usage.completion_tokens or 0)) if usage else 0,
    )


def _message(error: APIStatusError) -> str:
    body = error.body
    return str(body.get("message") or error.message) if isinstance(body, dict) else error.message


def _retry_after(error: APIStatusError) -> float | None:
    """Seconds the endpoint asks to wait, written as a number or as a date; None where it asks nothing."""
    written = error.response.headers.get("retry-after", "")
    try:
        return max(0.0, float(written)) or None
    except ValueError:
        pass
    try:
        return (
            max(0.0, (parsedate_to_datetime(written) - datetime.now(UTC)).total_seconds()) or None
        )
    except (ValueError, TypeError):
        return None

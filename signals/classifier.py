"""What a classifier is: the one interface through which rules, LLMs and Python callables answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

NO_CUSTOMER_WORDS = "no customer words"
LANGUAGE_NOT_SPOKEN = "language not spoken"
NOT_ENOUGH_EVIDENCE = "not enough evidence"
NOT_ANSWERED = "not answered yet"
"""Nobody has been asked: the budget was spent, or the endpoint was not reached. Asked again next time."""
VALUE_NOT_ALLOWED = "value not allowed"
QUOTE_NOT_FOUND = "quote not found"
CONFIDENCE_NOT_A_SHARE = "confidence not between 0 and 1"

ABSENCE = frozenset({"no", "none"})
"""Values that rest on something not being said, so that no words can be shown for them."""

CUE_CHARACTERS = 200
"""A cue is cut here: a quote of at most 240 characters must be able to hold it."""


@dataclass(frozen=True)
class Message:
    """One public message of the customer, personal data masked, as published in fct_messages."""

    message_no: int
    body: str


@dataclass(frozen=True)
class Conversation:
    """What a classifier is given: a conversation's language and its customer's messages, in order."""

    conversation_id: str
    language: str
    messages: tuple[Message, ...]


@dataclass(frozen=True)
class Answer:
    """
    One conversation's value with the words it rests on, or the reason for having none.

    `confidence` is 0-1; `cue` is a verbatim part of the body of `message_no`. The tokens are what
    the answer cost, where it cost any.
    """

    conversation_id: str
    value: str | None = None
    confidence: float | None = None
    abstain_reason: str | None = None
    message_no: int | None = None
    cue: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0

    def abstained(self, reason: str) -> Answer:
        """The same answer at the same cost, without its value."""
        return Answer(
            self.conversation_id,
            abstain_reason=reason,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
        )


@dataclass(frozen=True)
class Declaration:
    """
    What a classifier says of itself before it is asked anything.

    `values` are all it may answer; `languages` those it speaks, none meaning any. `fingerprint`
    changes with whatever else its answers follow from: model, instructions, code.
    """

    signal: str
    classifier: str
    version: str
    question: str
    values: tuple[str, ...]
    languages: tuple[str, ...] = ()
    is_deterministic: bool = True
    needs_network: bool = False
    fingerprint: str = ""


class Classifier(Protocol):
    """Batch in, batch out."""

    @property
    def declared(self) -> Declaration: ...

    def classify(self, conversations: Sequence[Conversation]) -> Iterable[Answer]:
        """
        Answers in any order, as they come; a conversation left out has not been answered.

        Raises AskingStopped where the rest of the batch will not be answered either.
        """


class AskingStopped(Exception):
    """No more answers will come. `is_failure` tells an endpoint that fails from a budget that is spent."""

    def __init__(self, sentence: str, is_failure: bool) -> None:
        super().__init__(sentence)
        self.is_failure = is_failure


def enforce(declared: Declaration, conversation: Conversation, answer: Answer) -> Answer:
    """
    What the host makes of an answer: its value as declared and its cue as found, or an abstention.

    Whoever answered may have been talked into anything by the text, so nothing is taken on trust:
    a value must be an allowed one, and one that rests on words must show words that are there.
    """
    if answer.value is None:
        return answer.abstained(answer.abstain_reason or NOT_ENOUGH_EVIDENCE)
    if answer.value not in declared.values:
        return answer.abstained(VALUE_NOT_ALLOWED)
    if not _is_share(answer.confidence):
        return answer.abstained(CONFIDENCE_NOT_A_SHARE)
    found = _found(conversation, answer)
    if found is not None:
        message_no, cue = found
        return replace(answer, message_no=message_no, cue=cue, abstain_reason=None)
    if answer.value in ABSENCE:
        return replace(answer, message_no=None, cue=None, abstain_reason=None)
    return answer.abstained(QUOTE_NOT_FOUND)


def _is_share(confidence: object) -> bool:
    return (
        isinstance(confidence, int | float)
        and not isinstance(confidence, bool)
        and 0 <= confidence <= 1
    )


def _found(conversation: Conversation, answer: Answer) -> tuple[int, str] | None:
    """
    Where the cue stands, the named message first, and its words as they stand there.

    White space is compared as white space: a line break inside a quote is no other quote.
    """
    words = (answer.cue or "").split()
    if not any(character.isalnum() for word in words for character in word):
        return None
    wanted = re.compile(r"\s+".join(map(re.escape, words)))
    named_first = sorted(
        conversation.messages, key=lambda message: message.message_no != answer.message_no
    )
    for message in named_first:
        if match := wanted.search(message.body):
            return message.message_no, match[0][:CUE_CHARACTERS].rstrip()
    return None

"""What a classifier is: the one interface through which rules, LLMs and Python callables answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

NO_CUSTOMER_WORDS = "no customer words"
LANGUAGE_NOT_SPOKEN = "language not spoken"
NOT_ENOUGH_EVIDENCE = "not enough evidence"
NOT_ANSWERED = "not answered yet"
"""Nobody has been asked: the budget was spent, or the endpoint was not reached. Asked again next time."""
VALUE_NOT_ALLOWED = "value not allowed"
QUOTE_NOT_FOUND = "quote not found"
CONFIDENCE_NOT_A_SHARE = "confidence not between 0 and 1"


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

    `values` are all it may answer, none meaning a sentence or two in words of its own; `languages` those it
    speaks, none meaning any. `fingerprint`
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

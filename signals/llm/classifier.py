"""A signal answered by an LLM: one question about one conversation per request, several at a time."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace

from signals.classifier import Answer, AskingStopped, Conversation, Declaration
from signals.llm.endpoint import Endpoint, NotReached, Reply
from signals.llm.prompt import (
    NOT_READABLE,
    PROMPT_VERSION,
    read_reply,
    reply_schema,
    system_prompt,
    user_prompt,
)

REFUSED = "refused to answer"
READINGS = 2
"""Times a question is asked whose reply cannot be read: the second reply mends a hiccup, not a habit."""


class LlmClassifier:
    """
    One declared signal, one model.

    A request holds one conversation, so that no text can reach the answer about another.
    """

    def __init__(
        self, declared: Declaration, instructions: str, endpoint: Endpoint, concurrency: int
    ) -> None:
        self.declared = declared
        self._endpoint, self._concurrency = endpoint, concurrency
        self._system = system_prompt(declared, instructions)
        self._schema = reply_schema(declared)

    def classify(self, conversations: Sequence[Conversation]) -> Iterator[Answer]:
        """
        Answers as they arrive; those under way when asking stops still come.

        A conversation the endpoint failed on is left out, and so are all after AskingStopped.
        """
        waiting = deque(conversations)
        under_way: set[Future[Answer]] = set()
        stopped: AskingStopped | None = None
        with ThreadPoolExecutor(self._concurrency) as threads:
            try:
                while under_way or (waiting and stopped is None):
                    while waiting and stopped is None and len(under_way) < self._concurrency:
                        under_way.add(threads.submit(self._answer, waiting.popleft()))
                    done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                    for each in done:
                        try:
                            yield each.result()
                        except NotReached:
                            continue
                        except AskingStopped as error:
                            stopped = stopped or error
                            if error.is_failure:
                                self._endpoint.stop()
            except BaseException:
                # whoever reads the answers has ended: nobody waits for a retry any more
                self._endpoint.stop()
                raise
        if stopped is not None:
            raise stopped

    def _answer(self, conversation: Conversation) -> Answer:
        spent_in = spent_out = 0
        answer = Answer(conversation.conversation_id, abstain_reason=NOT_READABLE)
        for _ in range(READINGS):
            reply = self._endpoint.ask(self._system, user_prompt(conversation), self._schema)
            spent_in, spent_out = spent_in + reply.input_tokens, spent_out + reply.output_tokens
            answer = _read(conversation, reply)
            if answer.abstain_reason != NOT_READABLE:
                break
        return replace(answer, input_tokens=spent_in, output_tokens=spent_out)


def _read(conversation: Conversation, reply: Reply) -> Answer:
    if reply.content is None:
        return Answer(conversation.conversation_id, abstain_reason=REFUSED)
    if reply.is_cut_off:
        return Answer(conversation.conversation_id, abstain_reason=NOT_READABLE)
    return read_reply(conversation.conversation_id, reply.content)


def declaration(
    signal: str,
    question: str,
    values: Sequence[str],
    languages: Sequence[str],
    version: str,
    instructions: str,
    model: str,
) -> Declaration:
    """What an LLM signal declares. Its instructions and the prompt around them are part of its fingerprint."""
    return Declaration(
        signal=signal,
        classifier=f"llm:{model}",
        version=version,
        question=question,
        values=tuple(values),
        languages=tuple(languages),
        is_deterministic=False,
        needs_network=True,
        fingerprint=f"{PROMPT_VERSION}:{hashlib.sha256(instructions.encode()).hexdigest()}",
    )

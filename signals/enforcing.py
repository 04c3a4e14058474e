"""What the host makes of an answer: nobody who read a stranger's text is taken at their word."""

from __future__ import annotations

import re
from dataclasses import replace

from signals import free_text
from signals.classifier import (
    CONFIDENCE_NOT_A_SHARE,
    NOT_ENOUGH_EVIDENCE,
    QUOTE_NOT_FOUND,
    VALUE_NOT_ALLOWED,
    Answer,
    Conversation,
    Declaration,
)

ABSENCE = frozenset({"no", "none"})
"""Values that rest on something not being said, so that no words can be shown for them."""

CUE_CHARACTERS = 200
"""A cue is cut here: a quote of at most 240 characters must be able to hold it."""


def enforce(declared: Declaration, conversation: Conversation, answer: Answer) -> Answer:
    """
    What the host makes of an answer: its value as declared and its cue as found, or an abstention.

    Whoever answered may have been talked into anything by the text, so nothing is taken on trust:
    a value must be an allowed one, and one that rests on words must show words that are there.
    """
    if answer.value is None:
        return answer.abstained(answer.abstain_reason or NOT_ENOUGH_EVIDENCE)
    if declared.values and answer.value not in declared.values:
        return answer.abstained(VALUE_NOT_ALLOWED)
    if not declared.values and (said := free_text.problem(answer.value, conversation)):
        return answer.abstained(said)
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

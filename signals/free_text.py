"""An answer in words of its own, such as a summary: what it may look like, and whether the text carries it."""

from __future__ import annotations

import re

from signals.classifier import Conversation

NOT_A_SUMMARY = "not one or two sentences"
NOT_IN_THE_TEXT = "says what the text does not"

TEXT_CHARACTERS = 300
"""One or two sentences."""
SHARED_WORDS = 0.25
"""Of the longer words of a summary, how many the customer used at least: a summary names what it sums up.
One in another language, or about another matter, shares next to none."""

_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_FACT = re.compile(r"\S*[\d@]\S*")
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")


def problem(text: str, conversation: Conversation) -> str | None:
    """
    Why a text cannot stand as an answer, or None.

    Words are free, facts are not: a number or an address that the customer did not write was made up,
    and whatever was masked must not come back by another way.
    """
    printable = all(character.isprintable() for character in text)
    if not text.strip() or len(text) > TEXT_CHARACTERS or not printable:
        return NOT_A_SUMMARY
    if len(_SENTENCE_END.findall(text)) > 2:
        return NOT_A_SUMMARY
    read = " ".join(message.body for message in conversation.messages).casefold()
    facts = [fact.strip(".,;:!?()[]\"'").casefold() for fact in _FACT.findall(text)]
    words = set(_LONG_WORD.findall(text.casefold()))
    known = words & set(_LONG_WORD.findall(read))
    if any(fact not in read for fact in facts) or len(known) < SHARED_WORDS * len(words):
        return NOT_IN_THE_TEXT
    return None

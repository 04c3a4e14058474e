"""Asking classifiers for what is not answered yet: paged, held to the declaration, kept as it comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from signals.classifier import Answer, AskingStopped, Classifier, Declaration
from signals.enforcing import enforce
from signals.transcripts import Texts

PAGE = 20_000
"""Conversations looked up together: each look-up scans the ids of all messages once."""
READ_TOGETHER = 1_000
"""Conversations whose words are in memory at a time."""
KEPT_TOGETHER = 200
"""Answers that cost nothing to make again are written together; bought ones one by one."""


class AnswerBook(Protocol):
    """Where answers are kept, append-only, under the key of what they answer."""

    def known(self, keys: Iterable[str]) -> set[str]:
        """Those of the keys that have been answered, abstentions included."""

    def keep(self, declared: Declaration, answers: Sequence[tuple[str, Answer]]) -> None:
        """Add answers under their keys, all or none."""


@dataclass
class AnswerReport:
    """
    What became of one signal in one go: `wanted` = `known` + `answered` + `abstained` + `left`.

    `left` were not answered: asking stopped, or the endpoint failed on them. They are asked next time.
    """

    signal: str
    wanted: int = 0
    known: int = 0
    answered: Counter[str] = field(default_factory=Counter)
    abstained: Counter[str] = field(default_factory=Counter)
    tokens: int = 0
    stopped: str | None = None
    is_failure: bool = False

    @property
    def left(self) -> int:
        return self.wanted - self.known - self.answered.total() - self.abstained.total()


def answer(
    texts: Texts,
    classifiers: Sequence[Classifier],
    book: AnswerBook,
    conversation_ids: Sequence[str] | None = None,
    on_progress: Callable[[AnswerReport], None] = lambda report: None,
) -> list[AnswerReport]:
    """
    Ask every classifier about every conversation whose words it has not judged yet.

    Nothing but the masked messages of `texts` is read. `conversation_ids` bounds the asking to what a
    run touched; without it all in-scope conversations are looked at, the newest first.
    Equal words are asked about once. When one classifier stops, those after it that need the
    network are not asked either.
    """
    ids = texts.in_scope() if conversation_ids is None else list(conversation_ids)
    reports = []
    network_stopped: AskingStopped | None = None
    for classifier in classifiers:
        report = AnswerReport(classifier.declared.signal)
        reports.append(report)
        needs_network = classifier.declared.needs_network
        stopped = network_stopped if needs_network else None
        for start in range(0, len(ids), PAGE):
            page = ids[start : start + PAGE]
            stopped = _page(texts, classifier, book, page, report, stopped, on_progress)
        network_stopped = stopped if needs_network else network_stopped
    return reports


def _page(
    texts: Texts,
    classifier: Classifier,
    book: AnswerBook,
    ids: Sequence[str],
    report: AnswerReport,
    stopped: AskingStopped | None,
    on_progress: Callable[[AnswerReport], None],
) -> AskingStopped | None:
    """One page; returns what has stopped asking, if anything has: from then on pages are only counted."""
    keys, _ = texts.keys(classifier.declared, ids)
    shared = Counter(keys.values())
    known = book.known(shared)
    report.wanted += len(keys)
    report.known += sum(key in known for key in keys.values())
    # equal words have equal keys: the first of them is asked about
    first: dict[str, str] = {}
    for conversation, key in keys.items():
        if key not in known:
            first.setdefault(key, conversation)
    try:
        for batch in _answered(texts, classifier, first) if stopped is None else ():
            book.keep(classifier.declared, batch)
            _count(report, batch, shared)
            on_progress(report)
    except AskingStopped as error:
        stopped = error
    if stopped is not None and first:
        report.stopped, report.is_failure = str(stopped), stopped.is_failure
    return stopped


def _answered(
    texts: Texts, classifier: Classifier, first: dict[str, str]
) -> Iterator[list[tuple[str, Answer]]]:
    """Answers under their keys as they come, held to what was declared; strangers' ids are dropped."""
    together = 1 if classifier.declared.needs_network else KEPT_TOGETHER
    asked = list(first.items())
    for start in range(0, len(asked), READ_TOGETHER):
        key_of = {conversation: key for key, conversation in asked[start : start + READ_TOGETHER]}
        conversations = texts.read(list(key_of))
        # in the order asked for: what a budget buys should not hang on the order of a hash table
        given = classifier.classify([conversations[each] for each in key_of])
        batch: list[tuple[str, Answer]] = []
        try:
            for each in given:
                if (key := key_of.pop(each.conversation_id, None)) is not None:
                    conversation = conversations[each.conversation_id]
                    batch.append((key, enforce(classifier.declared, conversation, each)))
                if len(batch) >= together:
                    yield batch
                    batch = []
        except AskingStopped:
            if batch:
                yield batch
            raise
        if batch:
            yield batch


def _count(report: AnswerReport, batch: Sequence[tuple[str, Answer]], shared: Counter[str]) -> None:
    for key, given in batch:
        if given.value is not None:
            report.answered[given.value] += shared[key]
        else:
            report.abstained[given.abstain_reason or ""] += shared[key]
        report.tokens += given.input_tokens + given.output_tokens

"""Answers of LLMs and Python callables: kept in the ledger, brought into the build from there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import duckdb

from orchestration.ledger import Ledger
from orchestration.rows import append
from signals.answering import PAGE
from signals.classifier import NOT_ANSWERED, Answer, Classifier, Declaration
from signals.transcripts import Texts

ANSWERS = """
    conversation_id varchar, signal varchar, value varchar, confidence double, abstain_reason varchar,
    message_no integer, cue varchar, classifier varchar, classifier_version varchar
"""
"""Of raw.answers: what every model of the layer signals gives, so that fct_signals takes it as it is."""


class LedgerAnswers:
    """The answer book of `signals.answering`, in the ledger. Of two answers to one key the first stands."""

    def __init__(self, ledger: Ledger) -> None:
        self._connection = ledger.connection

    def known(self, keys: Iterable[str]) -> set[str]:
        return {str(key) for key, *_ in self.of(keys)}

    def keep(self, declared: Declaration, answers: Sequence[tuple[str, Answer]]) -> None:
        now = datetime.now(UTC)
        rows = [
            (
                key,
                declared.signal,
                declared.classifier,
                declared.version,
                each.conversation_id,
                each.value,
                each.confidence,
                each.abstain_reason,
                each.message_no,
                each.cue,
                each.input_tokens,
                each.output_tokens,
                declared.is_deterministic,
                now,
            )
            for key, each in answers
        ]
        append(self._connection, "answers", rows)

    def of(self, keys: Iterable[str]) -> list[tuple[object, ...]]:
        """(answer_key, value, confidence, abstain_reason, message_no, cue) of each answered key."""
        return self._connection.execute(
            "select answer_key, value, confidence, abstain_reason, message_no, cue from answers"
            " where answer_key in (select unnest(?::varchar[]))"
            " qualify row_number() over (partition by answer_key order by answered_at) = 1",
            [list(keys)],
        ).fetchall()

    def model_of(self, signal: str) -> str | None:
        """The model that answered a signal last; None where none ever did."""
        rows = self._connection.execute(
            "select arg_max(classifier, answered_at) from answers"
            " where signal = ? and classifier like 'llm:%'",
            [signal],
        ).fetchall()
        return None if rows[0][0] is None else str(rows[0][0]).removeprefix("llm:")


def bring_answers(
    work: duckdb.DuckDBPyConnection,
    texts: Texts,
    classifiers: Sequence[Classifier],
    book: LedgerAnswers,
    conversation_ids: Sequence[str],
) -> None:
    """
    Write `raw.answers` for the conversations a run touched: one row for each and each classifier.

    A row has a value, or the reason for having none, `not answered yet` where nobody was asked so far.
    Rows of signals that are no longer declared go. One transaction: a run killed here changes nothing.
    """
    signals = [each.declared.signal for each in classifiers]
    work.execute("create schema if not exists raw")
    work.execute(f"create table if not exists raw.answers ({ANSWERS})")
    work.execute("begin")
    work.execute(
        "delete from raw.answers where signal not in (select unnest($1::varchar[]))"
        " or conversation_id in (select unnest($2::varchar[]))",
        [signals, list(conversation_ids)],
    )
    for classifier in classifiers:
        for start in range(0, len(conversation_ids), PAGE):
            page = conversation_ids[start : start + PAGE]
            append(work, "raw.answers", _rows(texts, classifier.declared, book, page))
    work.execute("commit")


def newly_answered(
    texts: Texts,
    classifiers: Sequence[Classifier],
    book: LedgerAnswers,
    signals: str = "marts.fct_signals",
) -> list[str]:
    """
    Conversations that the ledger has an answer to by now, and whose mart says `not answered yet`
    or, of a summary, still shows the one that stands in for it.

    A run has to build these besides those that new records speak of. Asked of the mart itself, so a
    run that was killed before it got there finds them again.
    """
    found = set()
    for classifier in classifiers:
        rows = texts.connection.execute(
            f"select conversation_id from {signals} where signal = ?"
            " and (abstain_reason = ? or classifier <> ?)",
            [classifier.declared.signal, NOT_ANSWERED, classifier.declared.classifier],
        ).fetchall()
        pending = [conversation_id for (conversation_id,) in rows]
        for start in range(0, len(pending), PAGE):
            keys, _ = texts.keys(classifier.declared, pending[start : start + PAGE])
            known = book.known(keys.values())
            found |= {conversation for conversation, key in keys.items() if key in known}
    return sorted(found)


def _rows(
    texts: Texts, declared: Declaration, book: LedgerAnswers, page: Sequence[str]
) -> list[tuple[object, ...]]:
    keys, reasons = texts.keys(declared, page)
    answers = {key: rest for key, *rest in book.of(keys.values())}
    unasked: list[object] = [None, None, NOT_ANSWERED, None, None]
    answered = [(each, answers.get(key, unasked)) for each, key in keys.items()]
    answered += [(each, [None, None, reason, None, None]) for each, reason in reasons.items()]
    return [
        (each, declared.signal, *answer, declared.classifier, declared.version)
        for each, answer in answered
    ]

"""
The step of a run between messages and signals: ask about what changed, and bring in what is answered.

A run takes it once fct_messages holds the masked words, before anything reads `raw.answers`:

    prepare(…)  raw.newly_answered, which touched_conversations adds to what new records speak of
    dbt builds fct_messages and what is above it
    ask(…)      raw.answers, one row per touched conversation and asked signal
    dbt builds the rest

An endpoint that fails stops no run: it leaves conversations `not answered yet`, and says so. So does a
budget that is spent. `assay signal answer` asks about those; what it buys, the next run brings in.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from orchestration import warehouse
from orchestration.answers import ANSWERS, LedgerAnswers, bring_answers, newly_answered
from orchestration.ledger import Ledger
from orchestration.progress import RunProgress
from orchestration.stores import Stores
from orchestration.work import connect
from signals.answering import AnswerReport, answer
from signals.classifiers import classifiers
from signals.declared import Signal
from signals.llm.settings import LlmSettings, is_configured
from signals.transcripts import Texts


def settings() -> LlmSettings | None:
    """The endpoint the environment names, or None: then nothing leaves the machine. Raises SettingsError."""
    return LlmSettings.from_environment(os.environ) if is_configured(os.environ) else None


def stages(manifest: Mapping[str, Any], signals: Sequence[Signal]) -> list[list[str]]:
    """
    dbt's selection arguments, stage by stage: what is asked about is built before anybody is asked.

    One stage where nobody is asked: each costs dbt's own start.
    """
    if all(each.answered_by == "rules" for each in signals):
        return [[]]
    reading = warehouse.readers_of(manifest, ["answers"])
    return [["--exclude", *reading], ["--select", *reading]]


def prepare(stores: Stores, signals: Sequence[Signal], settings: LlmSettings | None) -> int:
    """
    Make the two tables that models read, and list what was answered since it was built: how many.

    Without an asked signal both stay empty, and nothing is looked at.
    """
    with connect(stores) as work:
        work.execute("create schema if not exists raw")
        work.execute(f"create table if not exists raw.answers ({ANSWERS})")
        found = _newly_answered(work, stores, signals, settings)
        work.execute(
            "create or replace table raw.newly_answered as"
            " select unnest(?::varchar[]) as conversation_id",
            [found],
        )
    return len(found)


def ask(
    stores: Stores,
    signals: Sequence[Signal],
    settings: LlmSettings | None,
    progress: RunProgress,
) -> list[AnswerReport]:
    """
    Ask about the conversations this run touches, within the budget, and write `raw.answers` for them.

    Without settings no LLM is asked; what was bought before is brought in all the same. The caller holds
    the run's lock.
    """
    asked = [each for each in signals if each.answered_by != "rules"]
    if not asked:
        return []

    def tell(report: AnswerReport) -> None:
        done = report.wanted - report.left
        share = done / report.wanted if report.wanted else None
        progress.step("signals", f"{report.signal}: {done:,} of {report.wanted:,} answered", share)

    progress.step("signals")
    with connect(stores) as work, Ledger.open(stores.ledger) as ledger:
        work.execute(f"attach '{stores.candidate}' as candidate (read_only)")
        texts = _texts_touched(work)
        touched = texts.in_scope()
        book = LedgerAnswers(ledger)
        asking = classifiers(asked, settings, book.model_of)
        reports = answer(texts, asking, book, touched, tell)
        bring_answers(work, texts, asking, book, touched)
    progress.done("signals", _summary(reports))
    for report in reports:
        if report.is_failure and report.stopped:
            progress.note(f"{report.signal}: {report.stopped} {report.left:,} not answered yet.")
    return reports


def _newly_answered(
    work: duckdb.DuckDBPyConnection,
    stores: Stores,
    signals: Sequence[Signal],
    settings: LlmSettings | None,
) -> list[str]:
    asked = [each for each in signals if each.answered_by != "rules"]
    if not asked or not stores.candidate.exists():
        return []
    work.execute(f"attach '{stores.candidate}' as candidate (read_only)")
    built = {
        f"{schema}.{table}"
        for schema, table in work.execute(
            "select schema_name, table_name from duckdb_tables()"
        ).fetchall()
    }
    if not built >= {"marts.fct_signals", "marts.fct_messages", "marts.fct_conversations"}:
        # the first build, or one that ended early: all there is gets built
        return []
    with Ledger.open(stores.ledger) as ledger:
        book = LedgerAnswers(ledger)
        asking = classifiers(asked, settings, book.model_of)
        texts = Texts(work, "candidate.marts.fct_conversations", "candidate.marts.fct_messages")
        return newly_answered(texts, asking, book, "candidate.marts.fct_signals")


def _texts_touched(work: duckdb.DuckDBPyConnection) -> Texts:
    """
    The masked messages of the build under way, of what it touches, in the languages rules judge them in.

    The candidate is attached to the work database.
    """
    work.execute(
        "create or replace temp view asked_about as"
        " select conversations.* replace (languages.language as language)"
        " from core.conversations as conversations"
        " inner join signals.languages_detected as languages using (conversation_id)"
    )
    return Texts(work, "asked_about", "candidate.marts.fct_messages")


def _summary(reports: Sequence[AnswerReport]) -> str:
    answered = sum(each.answered.total() + each.abstained.total() for each in reports)
    left = sum(each.left for each in reports)
    return f"{answered:,} answers, {left:,} not answered yet"

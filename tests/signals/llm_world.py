"""A few conversations in marts of their own, and asking about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from llm_server import LlmServer

from orchestration.answers import LedgerAnswers
from orchestration.ledger import Ledger
from signals.answering import AnswerReport, answer
from signals.classifier import Classifier
from signals.llm.budget import Budget
from signals.llm.classifier import LlmClassifier, declaration
from signals.llm.endpoint import Endpoint
from signals.llm.settings import LlmSettings
from signals.transcripts import Texts

KEY = "sk-loopback-secret-0001"


def marts(*texts: str | Sequence[str] | None, languages: Sequence[str] = ()) -> Texts:
    """Conversation `zendesk:1` holds the first text (or texts, one message each), and so on."""
    connection = duckdb.connect()
    connection.execute("create schema marts")
    connection.execute(
        "create table marts.fct_conversations (conversation_id varchar, language varchar,"
        " is_in_scope boolean, opened_at timestamptz)"
    )
    connection.execute(
        "create table marts.fct_messages (conversation_id varchar, message_no integer,"
        " author_role varchar, body varchar)"
    )
    for number, text in enumerate(texts, 1):
        language = languages[number - 1] if languages else "en"
        connection.execute(
            "insert into marts.fct_conversations"
            " values (?, ?, true, timestamptz '2026-01-01' - ? * interval 1 day)",
            [f"zendesk:{number}", language, number],
        )
        bodies = [text] if isinstance(text, str) else text or []
        for message_no, body in enumerate(bodies, 1):
            connection.execute(
                "insert into marts.fct_messages values (?, ?, 'customer', ?)",
                [f"zendesk:{number}", message_no, body],
            )
    return Texts(connection)


@dataclass
class Asking:
    """One signal asked of one server, its answers kept in a ledger in `folder`."""

    server: LlmServer
    folder: Path
    values: tuple[str, ...] = ("yes", "no")
    languages: tuple[str, ...] = ()
    question: str = "Is getting a refund troublesome?"
    instructions: str = ""
    version: str = "1.0.0"
    model: str = "m"
    concurrency: int = 2
    timeout_seconds: float = 5.0
    max_requests: int = 1_000
    max_tokens: int = 10_000_000

    def classifier(self) -> Classifier:
        settings = LlmSettings(
            self.server.url, self.model, KEY, self.concurrency, self.timeout_seconds
        )
        declared = declaration(
            "refund_friction",
            self.question,
            self.values,
            self.languages,
            self.version,
            self.instructions,
            self.model,
        )
        budget = Budget(self.max_requests, self.max_tokens)
        endpoint = Endpoint(settings, budget, first_wait=0.01)
        return LlmClassifier(declared, self.instructions, endpoint, self.concurrency)

    def ask(self, texts: Texts) -> AnswerReport:
        with Ledger.open(self.folder / "ledger.duckdb") as ledger:
            (report,) = answer(texts, [self.classifier()], LedgerAnswers(ledger))
        return report

    def kept(self, columns: str = "conversation_id, value, abstain_reason") -> list[tuple]:
        with Ledger.open(self.folder / "ledger.duckdb") as ledger:
            return ledger.connection.execute(f"select {columns} from answers order by 1").fetchall()

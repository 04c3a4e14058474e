"""What classifiers read: the customer's words of in-scope conversations, from the published, masked marts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from signals.classifier import (
    LANGUAGE_NOT_SPOKEN,
    NO_CUSTOMER_WORDS,
    Conversation,
    Declaration,
    Message,
)


@dataclass(frozen=True)
class Texts:
    """
    Where conversations and their masked messages are read: the published marts, unless said otherwise.

    A run asks before its own fct_conversations is built, which has a column per answer, and names the
    conversations it is built from instead. The messages are those readers see, in every case.
    """

    connection: duckdb.DuckDBPyConnection
    conversations: str = "marts.fct_conversations"
    messages: str = "marts.fct_messages"

    def in_scope(self) -> list[str]:
        """Every in-scope conversation, the newest first: a budget that ends has bought what is read first."""
        return self._ids("order by opened_at desc, conversation_id")

    def sample(self, size: int, seed: int) -> list[str]:
        """A simple random sample of in-scope conversations, the same for the same build and seed."""
        return self._ids(
            "order by md5(? || conversation_id), conversation_id limit ?", [f"{seed}:", size]
        )

    def read(self, conversation_ids: Sequence[str]) -> dict[str, Conversation]:
        """The in-scope ones of the conversations by id, those without a word of the customer's among them."""
        rows = self.connection.execute(self._words(), [list(conversation_ids)]).fetchall()
        return {
            conversation_id: Conversation(
                conversation_id,
                language,
                tuple(Message(each["message_no"], each["body"]) for each in words or ()),
            )
            for conversation_id, language, words in rows
        }

    def keys(
        self, declared: Declaration, conversation_ids: Sequence[str]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """
        Conversation -> the key its answer is kept under; and, where nobody need be asked, the reason.

        The key is a digest of the words and of all the answer follows from besides, so an answer holds as
        long as nothing of it changes, and equal texts are asked about once. Nobody is asked about a
        conversation without customer words, or in a language the classifier does not speak; a language
        nobody knows is left to the classifier. Both in the order of `conversation_ids`.
        """
        rows = self.connection.execute(
            f"""
            select
                conversation_id,
                case when is_spoken then sha256(to_json(words)::varchar || $2) end,
                case when words is null then $4 when not is_spoken then $5 end
            from (
                select
                    *,
                    words is not null
                        and (
                            len($3::varchar[]) = 0
                            or coalesce(language, 'unknown') = 'unknown'
                            or list_contains($3::varchar[], language)
                        ) as is_spoken
                from ({self._words()})
            )
            """,
            [
                list(conversation_ids),
                question_digest(declared),
                list(declared.languages),
                NO_CUSTOMER_WORDS,
                LANGUAGE_NOT_SPOKEN,
            ],
        ).fetchall()
        found = {conversation_id: (key, reason) for conversation_id, key, reason in rows}
        ordered = [(each, *found[each]) for each in conversation_ids if each in found]
        return (
            {each: key for each, key, _ in ordered if key is not None},
            {each: reason for each, _, reason in ordered if reason is not None},
        )

    def _ids(self, how: str, parameters: Sequence[object] = ()) -> list[str]:
        rows = self.connection.execute(
            f"select conversation_id from {self.conversations} where is_in_scope {how}",
            list(parameters),
        ).fetchall()
        return [conversation_id for (conversation_id,) in rows]

    def _words(self) -> str:
        return f"""
            select
                conversations.conversation_id,
                conversations.language,
                list(
                    {{'message_no': messages.message_no, 'body': messages.body}}
                    order by messages.message_no
                ) filter (where messages.message_no is not null) as words
            from {self.conversations} as conversations
            left join {self.messages} as messages
                on conversations.conversation_id = messages.conversation_id
                    and messages.author_role = 'customer'
                    and trim(messages.body) != ''
            where conversations.is_in_scope
                and conversations.conversation_id in (select unnest($1::varchar[]))
            group by all
        """


def question_digest(declared: Declaration) -> str:
    """A digest of everything but the text that an answer follows from."""
    facts = [
        declared.signal,
        declared.question,
        list(declared.values),
        declared.classifier,
        declared.version,
        declared.fingerprint,
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

"""What a signal would say of real conversations, before anything is stored."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

import duckdb

from orchestration import warehouse
from orchestration.stores import Stores
from signals.classifier import Answer, AskingStopped, Classifier
from signals.enforcing import enforce
from signals.transcripts import Texts

CONTEXT = 60
"""Characters shown to either side of a cue: enough to judge it by."""


@dataclass(frozen=True)
class Tried:
    """
    What a signal says of one conversation. `quote` is the cue with what stands around it, or, where no words
    decided, the beginning of what the customer wrote.
    """

    conversation_id: str
    value: str | None
    confidence: float | None
    abstain_reason: str | None
    message_no: int | None
    cue: str | None
    quote: str


def try_classifier(
    texts: Texts, classifier: Classifier, conversation_ids: Sequence[str]
) -> tuple[list[Tried], str | None]:
    """Ask now, keep nothing; besides what was answered, what stopped the asking."""
    keys, reasons = texts.keys(classifier.declared, conversation_ids)
    conversations = texts.read(list(conversation_ids))
    answers = {each: Answer(each, abstain_reason=reason) for each, reason in reasons.items()}
    stopped = None
    try:
        for given in classifier.classify([conversations[each] for each in keys]):
            if given.conversation_id in keys:
                conversation = conversations[given.conversation_id]
                answers[given.conversation_id] = enforce(classifier.declared, conversation, given)
    except AskingStopped as error:
        stopped = str(error)
    tried = [
        (
            each.conversation_id,
            each.value,
            each.confidence,
            each.abstain_reason,
            each.message_no,
            each.cue,
        )
        for each in answers.values()
    ]
    return _with_quotes(texts, conversation_ids, tried), stopped


def try_model(
    stores: Stores, manifest: Mapping[str, Any], signal: str, conversation_ids: Sequence[str]
) -> list[Tried]:
    """
    Run the model that answers a signal, compiled by dbt as it stands, on these conversations alone.

    The model and those of its layer above it are built in memory; what they read besides is the last
    build's. Raises WarehouseError where the project does not compile, or the model does not run.
    """
    model = answering_model(manifest, signal)
    with built_on(stores, model, conversation_ids) as (connection, relation):
        columns = [row[0] for row in connection.execute(f"describe {relation}").fetchall()]
        where = "where signal = ?" if "signal" in columns else ""
        rows = connection.execute(
            "select conversation_id, value, confidence, abstain_reason, message_no, cue"
            f" from {relation} {where}",
            [signal] if where else [],
        ).fetchall()
        texts = Texts(
            connection, "candidate.marts.fct_conversations", "candidate.marts.fct_messages"
        )
        return _with_quotes(texts, conversation_ids, rows)


@contextlib.contextmanager
def built_on(
    stores: Stores, model: str, conversation_ids: Sequence[str]
) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """A model (its unique id) of these conversations: a connection in memory, and the relation in it."""
    os.environ.update(stores.environment())
    with contextlib.redirect_stdout(io.StringIO()):
        # dbt's own lines are not what was asked for
        nodes = warehouse.compiled(stores, model.rpartition(".")[2])
    with duckdb.connect() as connection:
        connection.execute(f"attach '{stores.work}' as work (read_only)")
        connection.execute(f"attach '{stores.pointer.resolve()}' as candidate (read_only)")
        connection.execute("set TimeZone = 'UTC'")
        yield connection, _build(connection, nodes, model, conversation_ids)


def answering_model(manifest: Mapping[str, Any], signal: str) -> str:
    """The model whose YAML declares a signal."""
    for name, node in manifest["nodes"].items():
        declared = node["config"].get("meta", {}).get("signals", [])
        if node["resource_type"] == "model" and any(
            each.get("name") == signal for each in declared
        ):
            return str(name)
    raise KeyError(signal)


def _build(
    connection: duckdb.DuckDBPyConnection,
    nodes: Mapping[str, Any],
    model: str,
    conversation_ids: Sequence[str],
) -> str:
    """Views of the model's own layer over a sample for what a run touched; the name of the model's."""
    layer = nodes[model]["schema"]
    connection.execute("create schema trial")
    connection.execute(
        "create table trial.touched_conversations as"
        " select unnest(?::varchar[]) as conversation_id, true as is_changed",
        [list(conversation_ids)],
    )
    own = {
        name: node
        for name, node in nodes.items()
        if node["resource_type"] == "model" and node["schema"] == layer
    }
    places = {node["relation_name"]: f'memory.trial."{node["alias"]}"' for node in own.values()}
    places |= {
        node["relation_name"]: "memory.trial.touched_conversations"
        for node in nodes.values()
        if node["alias"] == "touched_conversations"
    }
    above = {
        name: [each for each in node["depends_on"]["nodes"] if each in own]
        for name, node in own.items()
    }
    for name in TopologicalSorter(above).static_order():
        sql = re.sub(
            "|".join(map(re.escape, places)),
            lambda found: places[found[0]],
            own[name]["compiled_code"],
        )
        try:
            connection.execute(f"create table {places[own[name]['relation_name']]} as {sql}")
        except duckdb.Error as error:
            raise warehouse.WarehouseError(f"{own[name]['original_file_path']}: {error}") from error
    return places[nodes[model]["relation_name"]]


def _with_quotes(
    texts: Texts, conversation_ids: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> list[Tried]:
    """In the order of the sample, each with the words to judge it by."""
    conversations = texts.read(list(conversation_ids))
    place = {each: number for number, each in enumerate(conversation_ids)}
    tried = []
    for row in sorted(rows, key=lambda row: place[row[0]]):
        conversation_id, value, confidence, reason, message_no, cue = row
        bodies = {each.message_no: each.body for each in conversations[conversation_id].messages}
        quote = _quote(bodies, message_no, cue)
        tried.append(Tried(conversation_id, value, confidence, reason, message_no, cue, quote))
    return tried


def _quote(bodies: Mapping[int, str], message_no: int | None, cue: str | None) -> str:
    # an agent's message may decide too, and is not among the customer's
    body = bodies.get(message_no or 0, cue) if cue else next(iter(bodies.values()), "")
    at = max(0, body.find(cue)) if cue else 0
    start, end = max(0, at - CONTEXT), at + (len(cue) + CONTEXT if cue else 2 * CONTEXT)
    shown = " ".join(body[start:end].split())
    return f"{'…' if start else ''}{shown}{'…' if end < len(body) else ''}"

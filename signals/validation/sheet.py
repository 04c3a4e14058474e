"""A sheet: conversations drawn for people to read, with what the classifier said kept apart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from contracts.errors import did_you_mean
from signals.validation.question import Question, ValidationError
from signals.validation.transcript import fingerprint, write_transcript

STRATA = ("value", "channel", "segment", "language")

OF_METRIC = ", of what is counted by "
"""In the name of a design: its labels stand for a metric's conversations, not for all."""


@dataclass(frozen=True)
class Design:
    """
    How a sample is drawn. `stratified_by` null is a simple random sample, else one in proportion; `metric` null is
    one of all conversations in scope, else of those the metric counts.
    """

    size: int
    seed: int
    stratified_by: str | None = None
    metric: str | None = None

    @property
    def name(self) -> str:
        kind = "stratified" if self.stratified_by else "simple"
        return f"{kind}{OF_METRIC}{self.metric}" if self.metric else kind


@dataclass(frozen=True)
class Drawn:
    """One conversation of a sheet; `predicted` is null where the classifier abstained."""

    conversation_id: str
    stratum: str
    transcript: str
    fingerprint: str
    predicted: str | None
    confidence: float | None
    abstain_reason: str | None
    message_no: int | None
    quote: str | None


@dataclass(frozen=True)
class Sheet:
    """
    A drawn sample: which conversations, of which build, and what the classifier said of them then.

    `conversations` is the number it was drawn from, `by_day` that of each day opened.
    `error_rate` is that of a simulated reviewer, null for a person. The same build, signal and design give
    the same sheet, whoever reads it.
    """

    sheet_id: str
    question: Question
    classifier: str
    classifier_version: str
    build: str
    design: Design
    conversations: int
    error_rate: float | None
    rows: tuple[Drawn, ...]
    by_day: tuple[tuple[date, int], ...] = ()

    @property
    def is_simulated(self) -> bool:
        return self.error_rate is not None


def draw(
    published: duckdb.DuckDBPyConnection,
    build: str,
    question: Question,
    design: Design,
    error_rate: float | None = None,
) -> Sheet:
    """
    Draw a sheet from a published build, conversations in random order.

    Raises ValidationError where the build has no such signal, answers of two versions, or fewer conversations.
    """
    classifier, version = _classifier(published, build, question.signal)
    parameters = {
        "signal": question.signal,
        "key": f"{design.seed}:{question.signal}:{classifier}:{version}:",
        "size": design.size,
    }
    try:
        found = published.execute(_sample(design), parameters).fetchall()
    except duckdb.CatalogException as error:
        raise ValidationError(
            f"{build} holds no metric {design.metric}. Run `assay run`, and `assay status` to see why."
        ) from error
    by_day = published.execute(
        "select conversations.opened_on, count(*) from marts.fct_conversations as conversations"
        f" where {_population(design)} group by 1 order by 1"
    ).fetchall()
    population = sum(conversations for _, conversations in by_day)
    if population < design.size:
        which = f"that {design.metric} counts" if design.metric else "in scope"
        raise ValidationError(
            f"{build} holds {population:,} conversations {which}, fewer than the {design.size:,} "
            f"asked for: draw {population:,} or fewer."
        )
    designed = [each for name, each in vars(design).items() if each is not None or name != "metric"]
    facts = [question.signal, classifier, version, build, *designed, error_rate]
    return Sheet(
        hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12],
        question,
        classifier,
        version,
        build,
        design,
        population,
        error_rate,
        tuple(_rows(published, found)),
        tuple(by_day),
    )


def _classifier(published: duckdb.DuckDBPyConnection, build: str, signal: str) -> tuple[str, str]:
    versions = published.execute(
        "select distinct classifier, classifier_version from marts.fct_signals"
        " where signal = ? and classifier is not null order by all",
        [signal],
    ).fetchall()
    if not versions:
        known = published.execute("select distinct signal from marts.fct_signals order by all")
        names = [name for (name,) in known.fetchall()]
        raise ValidationError(
            f"{build} holds no answers for {signal}.{did_you_mean(signal, names)} "
            f"It holds: {', '.join(names) or 'none'}."
        )
    if len(versions) > 1:
        told = ", ".join(f"{classifier} {version}" for classifier, version in versions)
        raise ValidationError(
            f"{build}: {signal} was answered by {told}. A sample of both measures neither: "
            "let `assay run` finish, or answer again with one."
        )
    return str(versions[0][0]), str(versions[0][1])


def _population(design: Design) -> str:
    """Which `conversations` a sample is drawn from, in SQL."""
    if design.metric is None:
        return "conversations.is_in_scope"
    units = f'metrics."{design.metric}"'
    return f"conversations.conversation_id in (select units.conversation_id from {units} as units)"


def _sample(design: Design) -> str:
    """A query for the sample; a simple one is a stratified one of a single stratum."""
    stratum = {
        None: "'all'",
        "value": "coalesce(answers.value, 'abstained')",
    }.get(design.stratified_by, f"coalesce(conversations.{design.stratified_by}, 'unknown')")
    return f"""
        with answered as (
            select
                conversations.conversation_id, {stratum} as stratum, answers.value,
                answers.confidence, coalesce(answers.abstain_reason, case
                    when answers.conversation_id is null then 'no answer' end) as abstain_reason,
                answers.message_no, answers.quote,
                -- a digest is the same on every machine and for every number of threads
                md5(concat($key, conversations.conversation_id)) as place
            from marts.fct_conversations as conversations
            left join marts.fct_signals as answers
                on conversations.conversation_id = answers.conversation_id
                    and answers.signal = $signal
            where {_population(design)}
        ),
        sizes as (
            select
                stratum, $size::bigint * count(*) // sum(count(*)) over () as whole,
                $size::bigint * count(*) % sum(count(*)) over () as remainder
            from answered
            group by all
        ),
        quotas as (
            -- largest remainder: what rounding down left over goes where most was cut off
            select stratum, whole + (row_number() over (order by remainder desc, stratum)
                <= $size::bigint - sum(whole) over ())::bigint as quota
            from sizes
        )
        select answered.* exclude (place)
        from answered
        inner join quotas on answered.stratum = quotas.stratum
        qualify row_number() over (
            partition by answered.stratum order by place, conversation_id
        ) <= quota
        order by place, conversation_id
    """


def transcripts(
    published: duckdb.DuckDBPyConnection, ids: Sequence[str], marts: str = "marts"
) -> dict[str, str]:
    """What a reviewer reads of each of these conversations, of those that are there."""
    messages: dict[str, list[tuple[Any, ...]]] = {each: [] for each in ids}
    for conversation_id, *message in published.execute(
        f"select conversation_id, message_no, author_role, sent_at, body from {marts}.fct_messages"
        " where conversation_id in (select unnest($ids::varchar[])) order by conversation_id, message_no",
        {"ids": list(ids)},
    ).fetchall():
        messages[conversation_id].append(tuple(message))
    asked = published.execute(
        "select conversation_id, channel, language, strftime(opened_at, '%Y-%m-%d %H:%M UTC') as opened,"
        " status, strftime(solved_at, '%Y-%m-%d %H:%M UTC') as solved, reopens, handoffs, subject"
        f" from {marts}.fct_conversations where conversation_id in (select unnest($ids::varchar[]))",
        {"ids": list(ids)},
    )
    names = [column[0] for column in asked.description or []]
    return {
        row[0]: write_transcript(dict(zip(names[1:], row[1:], strict=True)), messages[row[0]])
        for row in asked.fetchall()
    }


def _rows(published: duckdb.DuckDBPyConnection, found: list[tuple[Any, ...]]) -> Iterator[Drawn]:
    texts = transcripts(published, [row[0] for row in found])
    for conversation_id, stratum, value, confidence, reason, message_no, quote in found:
        text = texts[conversation_id]
        yield Drawn(
            conversation_id, stratum, text, fingerprint(text),
            value, confidence, reason, message_no, quote,
        )  # fmt: skip

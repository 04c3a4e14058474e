"""The sample of a metric that rests on no labels: conversations whose inclusion and value people confirm."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import duckdb

from signals.validation.question import METRIC, Question, ValidationError
from signals.validation.sheet import Design, Drawn, Sheet, transcripts
from signals.validation.transcript import fingerprint

INCLUDED = 2 / 3
"""Of a sample: a wrong inclusion is seen among those counted, a wrong exclusion among the others only."""


def claims(
    build: duckdb.DuckDBPyConnection, metric: str, ids: Sequence[str], schema: str = "metrics"
) -> dict[str, str]:
    """What a metric says of each of these conversations, as a sheet shows it."""
    rows = build.execute(
        f"""
        select
            asked.conversation_id,
            case when units.units is null then 'not counted' else concat_ws(
                ', ',
                'counted' || case when units > 1 then ' ' || units || ' times' else '' end,
                'state ' || state,
                printf('%.10g', numerator) || ' of ' || printf('%.10g', denominator),
                'measure ' || printf('%.10g', measure)
            ) end as claim
        from (select unnest($ids::varchar[]) as conversation_id) as asked
        left join (
            select
                conversation_id,
                count(*) as units,
                max(state) as state,
                sum(numerator) as numerator,
                sum(denominator) as denominator,
                avg(measure) as measure
            from {schema}."{metric}"
            where conversation_id in (select unnest($ids::varchar[]))
            group by all
        ) as units
            on asked.conversation_id = units.conversation_id
        """,
        {"ids": list(ids)},
    ).fetchall()
    return dict(rows)


def draw(
    published: duckdb.DuckDBPyConnection,
    build: str,
    question: Question,
    version: str,
    design: Design,
    error_rate: float | None = None,
) -> Sheet:
    """
    Draw a sheet of conversations a metric counts and of some it does not, in random order.

    Raises ValidationError where the build does not hold the metric, or nothing is counted in it.
    """
    key = f"{design.seed}:{question.signal}:{METRIC}:{version}:"
    try:
        found = published.execute(_sample(question.signal), {"key": key}).fetchall()
    except duckdb.CatalogException as error:
        raise ValidationError(
            f"{build} holds no metric {question.signal}. Run `assay run`, and `assay status` to see why."
        ) from error
    counted = [row[0] for row in found if row[1]]
    others = [row[0] for row in found if not row[1]]
    if not counted:
        raise ValidationError(
            f"{build}: {question.signal} counts nothing, so there is no sample of it."
        )
    wanted = max(design.size - len(others), round(design.size * INCLUDED))
    chosen = [*counted[:wanted], *others[: design.size - min(wanted, len(counted))]]
    if len(chosen) < design.size:
        raise ValidationError(
            f"{build} holds {len(found):,} conversations in scope, fewer than the {design.size:,} "
            f"asked for: draw {len(found):,} or fewer."
        )
    ids = sorted(chosen, key=lambda each: hashlib.md5(f"{key}{each}".encode()).hexdigest())
    said, texts = claims(published, question.signal, ids), transcripts(published, ids)
    facts = [question.signal, METRIC, version, build, *vars(design).values(), error_rate]
    return Sheet(
        hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12],
        question,
        METRIC,
        version,
        build,
        design,
        len(found),
        error_rate,
        tuple(
            Drawn(
                each,
                "not counted" if said[each] == "not counted" else "counted",
                texts[each],
                fingerprint(texts[each]),
                said[each],
                *[None] * 4,
            )
            for each in ids
        ),
    )


def _sample(metric: str) -> str:
    return f"""
        select
            conversations.conversation_id,
            units.conversation_id is not null as is_counted
        from marts.fct_conversations as conversations
        left join (select distinct conversation_id from metrics."{metric}") as units
            on conversations.conversation_id = units.conversation_id
        where conversations.is_in_scope
        order by md5(concat($key, conversations.conversation_id)), conversations.conversation_id
    """

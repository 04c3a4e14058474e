"""Conversations to be read first where a check does not pass, for whoever has to look at it; as links."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import duckdb

from expectations.outcome import Outcome
from orchestration.stores import Stores

Check = TypeVar("Check", bound=Hashable)

Found = list[tuple[str, str]]
"""Conversations, and beside each what it is an example of."""

MOST_READ = 5
"""Conversations linked of what fails in one place."""

MOST_PLACES = 3
"""Failing slices, or measures that drifted, of which conversations are linked: the worst."""

NAMED_BY = ("conversation_id", "conversation_key")
"""Keys of a failing row that name a conversation."""

EXAMPLES = {"examples_before": "before", "examples_after": "after", "examples": "example"}
"""Columns in which a relation that is judged keeps conversations of its own, and what they are."""

_PLACE = ("metric", "version", "measure", "source", "slice_kind", "slice", "word")
"""Columns that say which row of such a relation failed, beside its period."""

_COLUMNS = """
select column_name from duckdb_columns()
where database_name = current_database() and schema_name || '.' || table_name = ?
"""

_OF_CELL = """
select conversation_id
from marts.metric_evidence
where metric = $metric and dimension = $dimension and member = $member
    and period_start::date = coalesce($period, (
        select max(period_start) from marts.metric_evidence where metric = $metric and dimension = 'all'
    )::date)
group by conversation_id
order by min(side = 'against'), min(rank), conversation_id
limit $most
"""

_NOT_ANSWERED_ONCE = """
select conversation_id
from (
    select conversation_id, 1 as asked, 0 as answers, 0 as unexplained
    from marts.fct_conversations where is_in_scope
    union all
    select conversation_id, 0, 1, ((value is null) = (abstain_reason is null))::integer
    from marts.fct_signals where signal = $signal
)
group by conversation_id
having sum(asked) != 1 or sum(answers) != 1 or sum(unexplained) > 0
order by conversation_id
limit $most
"""

TAGS = {"raw tag": "raw_tag", "canonical tag": "canonical_tag"}
"""Kinds of slices that are tags, and their columns."""

_TAGGED = """
select tags.conversation_id
from marts.fct_conversation_tags as tags
inner join marts.fct_conversations as conversations
    on tags.conversation_id = conversations.conversation_id
where tags.{column} = $tag and conversations.opened_on >= $since
group by tags.conversation_id
order by min(conversations.opened_at), tags.conversation_id
limit $most
"""

_URLS = """
select conversation_id, any_value(url)
from marts.fct_conversations
where list_contains($asked, conversation_id)
group by conversation_id
"""


def links(stores: Stores, checks: Mapping[Check, Sequence[Outcome]]) -> dict[Check, str]:
    """
    Of each check that does not pass, conversations to be read first, as Markdown: those that fail; else those from
    before and after what moved; else those quoted under what fails; else some under its metric's last number.

    All of it is of the masked marts of the candidate.
    """
    with duckdb.connect(str(stores.candidate), read_only=True) as connection:
        found = {
            check: _read_first(connection, outcomes)
            for check, outcomes in checks.items()
            if not all(each.passed for each in outcomes)
        }
        asked = sorted({conversation for each in found.values() for conversation, _ in each})
        urls = dict(connection.execute(_URLS, {"asked": asked}).fetchall())
    return {
        check: "\n".join(
            _line(conversation, urls.get(conversation), of) for conversation, of in told
        )
        for check, told in found.items()
    }


def _read_first(connection: duckdb.DuckDBPyConnection, outcomes: Sequence[Outcome]) -> Found:
    failed = [each for each in outcomes if each.passed is False]
    if failing := _failing(failed):
        return failing
    for look in (_not_answered_once, _examples, _tagged, _of_cell):
        if found := [one for each in failed[:MOST_PLACES] for one in look(connection, each)]:
            # one thing may fail in several ways
            return list(dict.fromkeys(found))
    metric = outcomes[0].metric
    return _evidence(connection, metric, "all", "all", None) if metric else []


def _failing(failed: Sequence[Outcome]) -> Found:
    """The conversations that the keys of failing rows name, as many as were kept of them."""
    named = [
        row[key] for each in failed for row in each.examples for key in NAMED_BY if row.get(key)
    ]
    return [(conversation, "") for conversation in dict.fromkeys(map(str, named))]


def _not_answered_once(connection: duckdb.DuckDBPyConnection, failed: Outcome) -> Found:
    """Of a signal that fails, which is judged by counts alone, conversations it does not answer as it must."""
    asked = [row["signal"] for row in failed.examples if row.get("signal")]
    return [
        (conversation, signal)
        for signal in asked[:MOST_PLACES]
        for (conversation,) in connection.execute(
            _NOT_ANSWERED_ONCE, {"signal": signal, "most": MOST_READ}
        ).fetchall()
    ]


def _examples(connection: duckdb.DuckDBPyConnection, failed: Outcome) -> Found:
    """What the relation that was judged shows of the failing row itself, as before and after a drift."""
    if not failed.examples or failed.slice is None:
        return []
    row = failed.examples[0]
    columns = [name for (name,) in connection.execute(_COLUMNS, [failed.relation]).fetchall()]
    shown = [name for name in EXAMPLES if name in columns]
    if not shown:
        return []
    asked = {name: row[name] for name in _PLACE if name in columns and row.get(name) is not None}
    # of what concerns no slice a measurement says all, and its relation nothing
    where = [f"coalesce({name}, 'all') = ${name}" for name in asked]
    if "period_start" in columns and failed.period_start:
        where.append("period_start::date = $period")
        asked["period"] = failed.period_start
    found = connection.execute(
        f"select {', '.join(shown)} from {failed.relation} where {' and '.join(where)} limit 1",
        asked,
    ).fetchall()
    what = " ".join(str(row[name]) for name in ("measure", "slice_kind", "slice") if row.get(name))
    return [
        (conversation, f"{EXAMPLES[name]}, {what}".replace("_", " "))
        for lists in found
        for name, conversations in zip(shown, lists, strict=True)
        for conversation in conversations or ()
    ]


def _tagged(connection: duckdb.DuckDBPyConnection, failed: Outcome) -> Found:
    """The first conversations under a tag that was renamed or means another thing, since it does."""
    kind, _, tag = (failed.slice or "").partition("=")
    if kind not in TAGS or failed.period_start is None:
        return []
    asked = {"tag": tag, "since": failed.period_start, "most": MOST_READ}
    found = connection.execute(_TAGGED.format(column=TAGS[kind]), asked).fetchall()
    return [(conversation, f"{kind} {tag}") for (conversation,) in found]


def _of_cell(connection: duckdb.DuckDBPyConnection, failed: Outcome) -> Found:
    """Those quoted under the number of the slice and period that fails, where it is a cell of its metric."""
    if failed.metric is None or failed.slice is None:
        return []
    dimension, _, member = failed.slice.partition("=")
    found = _evidence(connection, failed.metric, dimension, member or "all", failed.period_start)
    when = f", period from {failed.period_start}" if failed.period_start else ""
    return [(conversation, f"{failed.slice.replace('=', ' ')}{when}") for conversation, _ in found]


def _evidence(
    connection: duckdb.DuckDBPyConnection,
    metric: str,
    dimension: str,
    member: str,
    period: object,
) -> Found:
    """Conversations quoted under a number; without a period, its last."""
    rows = connection.execute(
        _OF_CELL,
        {
            "metric": metric, "dimension": dimension, "member": member, "period": period, "most": MOST_READ,
        },
    ).fetchall()  # fmt: skip
    return [(conversation, "") for (conversation,) in rows]


def _line(conversation: str, url: str | None, of: str) -> str:
    # what a help desk calls a conversation, or a slice, is text from elsewhere
    safe = re.sub(r"[^\w:.-]", "", conversation)
    is_link = bool(url) and re.fullmatch(r"https?://[^\s()<>\[\]]+", str(url))
    linked = f"[{safe}]({url})" if is_link else safe
    beside = re.sub(r"[^\w:., -]", "", of)
    return f"- {linked} {beside}".rstrip()

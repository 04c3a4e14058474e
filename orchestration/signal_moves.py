"""What became of the values of a signal when another classifier, or another version of it, answered."""

from __future__ import annotations

import duckdb

from orchestration import moves
from orchestration.stores import Stores

TABLE = "signal_moves"

_CHANGED = """
    with before as (
        select signal, list(distinct (classifier, classifier_version)) as answered_by
        from published.marts.signal_shares
        where cadence = 'all'
        group by all
    ),
    now as (
        select signal, list(distinct (classifier, classifier_version)) as answered_by
        from candidate.marts.signal_shares
        where cadence = 'all'
        group by all
    )
    select signal
    from before
    inner join now using (signal)
    where list_sort(before.answered_by) <> list_sort(now.answered_by)
    order by signal
"""

_MOVES = """
    select
        $build as previous_build,
        signal,
        before.classifier as previous_classifier,
        before.classifier_version as previous_version,
        now.classifier,
        now.classifier_version,
        before.value as previous_value,
        now.value,
        count(*) as conversations
    from published.marts.fct_signals as before
    inner join candidate.marts.fct_signals as now using (conversation_id, signal)
    where list_contains($signals, signal)
        and (before.classifier, before.classifier_version) <> (now.classifier, now.classifier_version)
    group by all
    order by all
"""


def record(stores: Stores) -> bool:
    """Put into the ledger what moved since the newest published build; True where that was not known yet."""
    return moves.record(stores, TABLE, _found)


def read(ledger: duckdb.DuckDBPyConnection) -> moves.Rows:
    """What moved, of every published build that was followed by a change."""
    return moves.read(ledger, TABLE)


def _found(connection: duckdb.DuckDBPyConnection, build: str) -> moves.Rows:
    """Only signals whose classifier changed are looked at, told by a few rows of shares."""
    ((known,),) = connection.execute(
        "select count(*) from duckdb_tables() where schema_name = 'marts' and table_name = 'signal_shares'"
    ).fetchall()
    # a build older than the shares does not say by whom its signals were answered
    if known < 2:
        return []
    signals = [signal for (signal,) in connection.execute(_CHANGED).fetchall()]
    if not signals:
        return []
    return connection.execute(_MOVES, {"build": build, "signals": signals}).fetchall()

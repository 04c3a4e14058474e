"""What became of the values of a signal when another classifier, or another version of it, answered."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb

from orchestration.ledger import SIGNAL_MOVES, Ledger
from orchestration.rows import append
from orchestration.stores import Stores

_NAMES = ", ".join(each.split()[0] for each in SIGNAL_MOVES.split(","))

_STANDING = f"""
    select {_NAMES}
    from (from signal_moves qualify found_at = max(found_at) over (partition by previous_build))
    where signal is not null
"""

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
    """
    Put into the ledger what moved since the newest published build; True where that was not known yet.

    Only signals whose classifier changed are looked at, told by a few rows of shares. The candidate may be
    built again before it is published, with another outcome: what was found last of a published build counts.
    """
    if not stores.pointer.exists():
        return False
    path = stores.pointer.resolve()
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as published (read_only)")
        connection.execute(f"attach '{stores.candidate}' as candidate (read_only)")
        found = _found(connection, path.name)
    with Ledger.open(stores.ledger) as ledger:
        known = [row for row in read(ledger.connection) if row[0] == path.name]
        if found == known:
            return False
        # that nothing moves any more is something found too
        rows = found or [(path.name, *[None] * 7, 0)]
        now = datetime.now(UTC)
        append(ledger.connection, "signal_moves", [(*row, now) for row in rows])
    return True


def read(ledger: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    """What moved, of every published build that was followed by a change."""
    return ledger.execute(f"{_STANDING} order by all").fetchall()


def _found(connection: duckdb.DuckDBPyConnection, build: str) -> list[tuple[object, ...]]:
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

"""
Raw tags that moved to another driver by an edit in place, which leaves no date behind: only the build published
before still tells what they were.
"""

from __future__ import annotations

import duckdb

from orchestration import moves
from orchestration.stores import Stores

TABLE = "taxonomy_moves"

_DRIVERS = """
    select raw_tag, list_sort(list(distinct driver)) as drivers
    from {build}.marts.fct_conversation_tags
    group by all
"""

_CHANGED = f"""
    with before as ({_DRIVERS.format(build="published")}),
    now as ({_DRIVERS.format(build="candidate")})
    select raw_tag
    from before
    inner join now using (raw_tag)
    where before.drivers <> now.drivers
"""

_MOVES = """
    select
        $build as previous_build,
        raw_tag,
        before.canonical_tag as previous_canonical_tag,
        now.canonical_tag,
        before.driver as previous_driver,
        now.driver,
        count(*) as conversations
    from published.marts.fct_conversation_tags as before
    inner join candidate.marts.fct_conversation_tags as now using (conversation_id, raw_tag)
    where list_contains($raw_tags, raw_tag)
        and before.driver <> now.driver
        -- to learn what a tag means moves nothing that was counted under a driver
        and before.driver not in ('system', 'unmapped')
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
    # the drivers of every tag are few rows; only where they differ conversations are looked at
    raw_tags = [tag for (tag,) in connection.execute(_CHANGED).fetchall()]
    if not raw_tags:
        return []
    return connection.execute(_MOVES, {"build": build, "raw_tags": raw_tags}).fetchall()

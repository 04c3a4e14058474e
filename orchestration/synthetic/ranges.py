"""Rendering ranges of conversations, each by a connection of one thread."""

from __future__ import annotations

import os
import queue
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from orchestration.synthetic import joining
from orchestration.synthetic.world import World, sql

RANGE = 20_000
"""Conversations rendered at a time. Ranges depend on nothing but their numbers, so any number of
threads writes the same bytes; a range takes about 200 MB of memory while it is made."""

MOST_THREADS = 8
"""Past this, memory grows and the disk sets the pace."""

TABLES: tuple[str, ...] = ("conversations", "labels", "moments", "records")
"""The SQL files that decide what happens in a range, in this order."""

VIEWS = ("stories", "customer_words", "answers", "tags", "comments")
"""The SQL files that put it into words, in this order. They read the tables of whatever range is at
hand, and binding them costs as much as a fifth of a range, so a connection does it once."""

STREAMS = {
    "tickets": "tickets",
    "audits": "ticket_audits",
    "satisfaction_ratings": "satisfaction_ratings",
}
"""Statement to file name. These grow with the conversations and are written in ranges."""

SUMS = ("truth", "expected")
"""Statements whose parts are summed or joined at the end."""

Progress = Callable[[int, int], None]
"""Called with the conversations written so far and the number there will be."""


def of_world(conversations: int) -> list[str]:
    """Return one query per range: its conversation numbers and the days they open on."""
    return [
        f"""
        select
            numbered.no, days.day, days.mix_no, false as is_updated,
            (numbered.no - days.first_no + 0.5) / (days.next_no - days.first_no) as fraction
        from range({start}, {min(start + RANGE, conversations)}) as numbered (no)
        inner join days on numbered.no >= days.first_no and numbered.no < days.next_no
        order by numbered.no
        """
        for start in range(0, conversations, RANGE)
    ]


def of_file(numbers: Path, count: int) -> list[str]:
    """Return one query per range of `count` numbers that were listed in a Parquet file."""
    return [
        f"select * exclude (place) from read_parquet([{literal(numbers)}])"
        f" where place >= {start} and place < {start + RANGE} order by place"
        for start in range(0, max(count, 1), RANGE)
    ]


def render(
    world: World, ranges: Sequence[str], parts: Path, label: str, on_progress: Progress, total: int
) -> None:
    """
    Write the records of all ranges to `parts/zendesk/<name>-<label>.ndjson`, in their order.

    Truth and expected counts stay in Parquet parts beside, one per range. Connections are handed
    from range to range.
    """
    idle: queue.SimpleQueue[duckdb.DuckDBPyConnection] = queue.SimpleQueue()

    def one(number: int) -> int:
        try:
            connection, steps = idle.get_nowait(), TABLES
        except queue.Empty:
            connection, steps = world.connect(), (*TABLES, *VIEWS)
        connection.execute(f"create or replace temp table numbers as {ranges[number]}")
        for step in steps:
            connection.execute(sql(step))
        for statement, name in STREAMS.items():
            copy(connection, sql(statement), _part(parts, name, number), "format json")
        for statement in SUMS:
            copy(connection, sql(statement), _part(parts, statement, number))
        made = connection.execute("select count(*) from numbers").fetchall()[0][0]
        idle.put(connection)
        return int(made)

    done = 0
    with ThreadPoolExecutor(min(os.cpu_count() or 1, len(ranges), MOST_THREADS)) as pool:
        for number, made in enumerate(pool.map(one, range(len(ranges)))):
            for name in STREAMS.values():
                joining.append(_part(parts, name, number), parts / f"zendesk/{name}-{label}.ndjson")
            done += made
            on_progress(done, total)
    while not idle.empty():
        idle.get().close()


def copy(
    connection: duckdb.DuckDBPyConnection, query: str, path: Path, form: str = "format parquet"
) -> None:
    """Write the rows of a query to a file."""
    connection.execute(f"copy ({query}) to {literal(path)} ({form})")


def parquet(parts: Path, name: str) -> str:
    """Return the parts of one statement as a table, in their order; a list knows no wildcards."""
    return f"read_parquet([{', '.join(map(literal, sorted(parts.glob(f'{name}.*'))))}])"


def literal(path: Path) -> str:
    """Return a path as SQL text."""
    return "'" + str(path).replace("'", "''") + "'"


def _part(parts: Path, name: str, number: int) -> Path:
    return parts / f"{name}.{number:06}"

"""Harms to records: conversations that are lost, come twice, come at other times, or come no more."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from orchestration.mutation.harm import Harm
from orchestration.mutation.tables import columns

LEAST_SHARE = 0.01
"""Of the conversations since then a lost or doubled slice holds at least so many."""

SHIFTED_HOURS = (2, 11)
STALE_DAYS = (9, 40)
INFLATED = (1.06, 1.5)

_HARMED = "create or replace temp table harmed as select conversation_id from work.core.conversations where "


@dataclass(frozen=True)
class Records:
    """
    What is there to be harmed: the copy, attached as work and candidate; the days from which all that is judged of
    metrics is taken; and the tables that are built anew beneath.
    """

    connection: duckdb.DuckDBPyConnection
    since: date
    periods: tuple[tuple[date, date], ...]
    built: Collection[str]
    zone: str
    least_of_slice: int


def lost(found: Records, chance: random.Random, kind: str) -> Harm | None:
    """Nothing comes any more of a queue, language or channel."""
    member = _member(found, chance, kind)
    if member is None:
        return None

    def plant(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(f"{_HARMED} {kind} = $1 and opened_on >= $2", [member, found.since])
        _delete(connection, found.built)

    place = f"{kind} {member}, from {found.since} on"
    return Harm(f"lost {kind}", place, "data.coverage", _named(kind, member), "records", plant)


def lost_days(found: Records, chance: random.Random) -> Harm | None:
    """A day of each last complete period is lost."""
    held = dict(
        found.connection.execute(
            "select opened_on, count(*) from work.core.conversations group by all"
        ).fetchall()
    )
    days = set()
    for first, until in found.periods:
        inside = [first + timedelta(days=each) for each in range((until - first).days)]
        if full := [each for each in inside if held.get(each, 0) >= found.least_of_slice]:
            days.add(chance.choice(full))
    if not days:
        return None

    def plant(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(f"{_HARMED} list_contains($1, opened_on)", [sorted(days)])
        _delete(connection, found.built)

    lost = [each.isoformat() for each in sorted(days)]
    names = tuple(name for day in lost for name in _named("day", day))
    return Harm("lost day", ", ".join(lost), "data.coverage", names, "records", plant)


def doubled(found: Records, chance: random.Random) -> Harm | None:
    """The conversations of a queue come a second time, under other ids."""
    queue = _member(found, chance, "queue")
    if queue is None:
        return None

    def plant(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(f"{_HARMED} queue = $1 and opened_on >= $2", [queue, found.since])
        for table in columns(connection, found.built):
            connection.execute(
                f"insert into {table} select * replace (conversation_id || '-again' as conversation_id)"
                f" from {table} semi join harmed using (conversation_id)"
            )

    place = f"queue {queue}, from {found.since} on"
    return Harm("doubled queue", place, "data.coverage", _named("queue", queue), "records", plant)


def shifted(found: Records, chance: random.Random) -> Harm:
    """All times are some hours early or late, as when an export loses its zone."""
    hours = chance.choice((-1, 1)) * chance.randint(*SHIFTED_HOURS)
    by = f"interval ({hours}) hour"

    def plant(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(f"{_HARMED} opened_on >= $1", [found.since])
        for table, kinds in columns(connection, found.built).items():
            moved = [name for name, kind in kinds.items() if kind == "TIMESTAMP WITH TIME ZONE"]
            told = [f"{name} = {name} + {by}" for name in moved]
            if {"opened_at", "opened_on"} <= kinds.keys():
                told.append(f"opened_on = ((opened_at + {by}) at time zone '{found.zone}')::date")
            if moved:
                connection.execute(
                    f"update {table} set {', '.join(told)}"
                    " where conversation_id in (select conversation_id from harmed)"
                )

    # another day for those near midnight, and another hour for all
    names = (*_days(found), *(f"hour {hour:02}:00" for hour in range(24)))
    place = f"all times from {found.since} on, by {hours:+} hours"
    return Harm(
        "shifted time zone", place, "drift_controls.bounds.hour_mix", names, "records", plant,
        checks=frozenset({"coverage", "drift"}),
    )  # fmt: skip


def stale(found: Records, chance: random.Random) -> Harm:
    """Exports have stopped coming some days before the last one did."""
    last = max(until for _, until in found.periods)
    cut = last - timedelta(days=chance.randint(*STALE_DAYS))

    def plant(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(f"{_HARMED} opened_on >= $1", [cut])
        _delete(connection, found.built)
        connection.execute(
            "update work.core.conversations set updated_at = least(updated_at, $1::timestamptz)",
            [cut],
        )
        connection.execute("delete from work.raw.expected_counts where day >= $1", [cut])

    # the end of the last period that is complete then, of whatever length
    names = tuple((cut - timedelta(days=each)).isoformat() for each in range(100))
    place = f"nothing after {cut - timedelta(days=1)}"
    return Harm(
        "stale data",
        place,
        "data.late_hours",
        names,
        "records",
        plant,
        checks=frozenset({"freshness"}),
    )


def inflated(found: Records, chance: random.Random) -> Harm | None:
    """Whoever states how many conversations there are states too many."""
    times = round(chance.uniform(*INFLATED), 2)
    ((stated,),) = found.connection.execute(
        "select count(*) from work.raw.expected_counts where slice_kind is null and day >= $1",
        [found.since],
    ).fetchall()
    if not stated:
        return None

    def plant(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(
            "update work.raw.expected_counts set expected = ceil(expected * $1)"
            " where slice_kind is null and day >= $2",
            [times, found.since],
        )

    place = f"expected counts from {found.since} on, {times:g} times as many"
    return Harm(
        "inflated expected counts", place, "data.coverage", _days(found), "records", plant,
        checks=frozenset({"coverage"}),
    )  # fmt: skip


def _member(found: Records, chance: random.Random, kind: str) -> str | None:
    """A member that holds enough for its absence to be no chance."""
    rows = found.connection.execute(
        f"""
        select {kind}
        from work.core.conversations
        where opened_on >= $since
        group by {kind}
        having count(*) >= $share * (
            select count(*) from work.core.conversations where opened_on >= $since
        )
            and {kind} in (
                select slice
                from candidate.marts.coverage_judged
                where slice_kind = $kind and period_start >= $since
                group by slice
                having avg(expected) >= 1.5 * $least
            )
        order by all
        """,
        {
            "since": found.since,
            "share": LEAST_SHARE,
            "kind": kind,
            "least": found.least_of_slice,
        },
    ).fetchall()
    return str(chance.choice(rows)[0]) if rows else None


def _delete(connection: duckdb.DuckDBPyConnection, built: Collection[str]) -> None:
    for table in columns(connection, built):
        connection.execute(
            f"delete from {table} where conversation_id in (select conversation_id from harmed)"
        )


def _named(kind: str, member: str) -> tuple[str, str]:
    """A slice as findings name it, in a column or a sentence. Two letters of a language alone are no name."""
    return f"{kind}={member}", f"{kind} {member}"


def _days(found: Records) -> tuple[str, ...]:
    """The days of all that is judged."""
    until = max(until for _, until in found.periods)
    days = (
        found.since + timedelta(days=each) for each in range(-1, (until - found.since).days + 1)
    )
    return tuple(name for day in days for name in _named("day", day.isoformat()))

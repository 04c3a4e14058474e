"""Outcomes as rows of `marts.breaches`: what failed and what could not be measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

import duckdb

from expectations.outcome import Outcome

COLUMNS = """\
    suite varchar,
    metric varchar,
    version varchar,
    clause varchar,
    severity varchar,
    period_start date,
    slice varchar,
    measured double,
    bound double,
    is_measured boolean,
    detail varchar
"""


@dataclass(frozen=True)
class Breach:
    """One row of `marts.breaches`: a failing slice, or a clause that was not measured."""

    suite: str
    metric: str | None
    version: str | None
    clause: str
    severity: str
    period_start: date | None
    slice: str | None
    measured: float | None
    bound: float | None
    is_measured: bool
    detail: str


def breaches(outcomes: Sequence[Outcome]) -> list[Breach]:
    """Every outcome that did not pass, in the order judged: the worst slice of a suite first."""
    return [
        Breach(
            suite=outcome.suite,
            metric=outcome.metric,
            version=outcome.version,
            clause=outcome.clause,
            severity=outcome.severity,
            period_start=outcome.period_start,
            slice=outcome.slice,
            measured=outcome.measured,
            bound=outcome.limit,
            is_measured=outcome.is_measured,
            detail=outcome.detail,
        )
        for outcome in outcomes
        if not outcome.passed
    ]


def write_breaches(connection: duckdb.DuckDBPyConnection, outcomes: Sequence[Outcome]) -> int:
    """
    Replace the rows of `marts.breaches` by those of these outcomes; how many there are now.

    The table is made where it is missing. It stands or falls with the transaction of the caller.
    """
    rows = [asdict(breach) for breach in breaches(outcomes)]
    connection.execute("create schema if not exists marts")
    connection.execute(f"create table if not exists marts.breaches (\n{COLUMNS})")
    connection.execute("delete from marts.breaches")
    # one statement: row by row, a thousand breaches took three seconds
    connection.execute(
        "insert into marts.breaches by name "
        f"select unnest($rows::struct({COLUMNS})[], recursive := true)",
        {"rows": rows},
    )
    return len(rows)

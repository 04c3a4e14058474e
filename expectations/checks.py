"""Outcomes as tables: `marts.checks` holds all of them, `marts.breaches` what failed or could not be measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import duckdb

from expectations.described import describe, is_there, make_anew
from expectations.outcome import Outcome

COLUMNS = {
    "suite varchar": "Suite that was judged.",
    "metric varchar": "Metric whose clause it is; null where it concerns all.",
    "version varchar": "Version of the metric.",
    "clause varchar": "Clause: of a contract, or of what nothing is published without.",
    "severity varchar": "blocking: nothing is published on it; warning: said, and moves a metric's status.",
    "period_start date": "Start of the period that fails, where one does.",
    "slice varchar": "Slice that fails: its kind and name.",
    "measured double": "What was measured of it.",
    "bound double": "The number it was held against.",
    "is_measured boolean": "False where it could not be judged: neither fine nor bad.",
    "detail varchar": "The finding, a sentence.",
    "passed boolean": "Whether it holds; null where not measured.",
    "expected varchar": "The bound in words.",
    "owner varchar": "Who answers for it.",
    "remedy varchar": "What to do where it does not hold.",
    "file varchar": "What declares it, in the dbt project: the contract, or the model that is judged.",
}

OF_BREACHES = dict(list(COLUMNS.items())[:11])


State = Literal["passed", "failed", "not measured"]


def state(outcome: Outcome) -> State:
    """How a check ended, in a word."""
    if not outcome.is_measured:
        return "not measured"
    return "passed" if outcome.passed else "failed"


def write_checks(connection: duckdb.DuckDBPyConnection, outcomes: Sequence[Outcome]) -> bool:
    """
    Replace `marts.checks` by these outcomes, in the order judged: the worst slice of a suite first. False where
    each check ended as it had: that something is a day older is no news to readers.

    Grain: suite, and of one that fails its failing slice. `marts.breaches` is a view of those that did not pass.
    Both stand or fall with the transaction of the caller.
    """
    before = _ended(connection)
    rows = [
        {
            "suite": each.suite,
            "metric": each.metric,
            "version": each.version,
            "clause": each.clause,
            "severity": each.severity,
            "period_start": each.period_start,
            "slice": each.slice,
            "measured": each.measured,
            "bound": each.limit,
            "is_measured": each.is_measured,
            "detail": each.detail,
            "passed": each.passed,
            "expected": each.bound,
            "owner": each.owner,
            "remedy": each.remedy,
            "file": each.file,
        }
        for each in outcomes
    ]
    make_anew(
        connection,
        "marts.checks",
        "Grain: suite and failing slice. What was judged of this build.",
        COLUMNS,
    )
    # one statement: row by row, a thousand breaches took three seconds
    connection.execute(
        "insert into marts.checks by name "
        f"select unnest($rows::struct({', '.join(COLUMNS)})[], recursive := true)",
        {"rows": rows},
    )
    _write_breaches(connection)
    return before != _ended(connection)


def _ended(connection: duckdb.DuckDBPyConnection) -> set[tuple[object, ...]]:
    """How each check ended, whatever was measured."""
    if not is_there(connection, "table", "marts.checks"):
        return set()
    return set(
        connection.execute(
            "select suite, metric, version, period_start, slice, passed from marts.checks"
        ).fetchall()
    )


def _write_breaches(connection: duckdb.DuckDBPyConnection) -> None:
    # earlier versions wrote a table
    if is_there(connection, "table", "marts.breaches"):
        connection.execute("drop table marts.breaches")
    names = ", ".join(column.split()[0] for column in OF_BREACHES)
    connection.execute(
        f"create or replace view marts.breaches as select {names} from marts.checks"
        " where passed is distinct from true"
    )
    describe(
        connection,
        "view",
        "marts.breaches",
        "Grain: suite and failing slice. The checks that did not pass.",
        OF_BREACHES,
    )

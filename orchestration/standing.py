"""What the candidate says of itself: built from what, audited how, published as what."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
from pydantic import TypeAdapter

import expectations
from expectations.described import is_there
from expectations.outcome import Outcome
from orchestration.build_plan import digest

_OUTCOMES = TypeAdapter(list[Outcome])


def suites_state(bounds: Mapping[str, float], suites: Sequence[str]) -> str:
    """
    A digest of what the audit asks: the code of suites, their names, the bounds that sources declare. Those of
    contracts are brought into the build. What is fresh today may be stale tomorrow, so the day counts too.
    """
    package = Path(str(expectations.__file__)).parent
    code = [path.read_text(encoding="utf-8") for path in sorted(package.rglob("*.py"))]
    today = datetime.now(UTC).date()
    return digest([version("great-expectations"), code, dict(bounds), list(suites), today])


def forget(candidate: Path) -> None:
    """What is to be built now is neither built to the end, nor audited, nor published."""
    with duckdb.connect(str(candidate)) as connection:
        for table in ("state", "audit", "published"):
            connection.execute(f"drop table if exists build.{table}")


def forget_publication(connection: duckdb.DuckDBPyConnection) -> None:
    """What the candidate says now was not published yet."""
    connection.execute("drop table if exists build.published")


def record_build(candidate: Path, state: str, brought: Mapping[str, str]) -> None:
    """Say in the candidate what it was built from, once it is built to the end."""
    with duckdb.connect(str(candidate)) as connection:
        connection.execute(
            "create or replace table build.state as select ? as state, ? as brought",
            [state, json.dumps(brought)],
        )


def built_from(candidate: Path) -> tuple[str, dict[str, str]] | None:
    """
    What the candidate was built from, if to the end: the digest of exports and code, and those of the tables
    brought in from elsewhere.
    """
    found = _recorded(candidate, "state", "*")
    # a candidate of an earlier version of this code says less
    if not found or len(found[0]) != 2 or not found[0][1].startswith("{"):
        return None
    return found[0][0], json.loads(found[0][1])


def record_audit(
    connection: duckdb.DuckDBPyConnection, suites: str, outcomes: Sequence[Outcome]
) -> None:
    """Say in the candidate itself what its audit came to. Building it again takes that back."""
    connection.execute("create schema if not exists build")
    connection.execute(
        "create or replace table build.audit as select ? as passed, ? as suites, ? as outcomes",
        [
            not any(each.blocks for each in outcomes),
            suites,
            _OUTCOMES.dump_json(list(outcomes)).decode(),
        ],
    )


def audit_that_stands(candidate: Path, suites: str) -> list[Outcome] | None:
    """The outcomes of the last audit, if the candidate passed it by these suites and is unchanged since."""
    found = _recorded(candidate, "audit", "passed, suites, outcomes")
    if [row[:2] for row in found] != [(True, suites)]:
        return None
    return _OUTCOMES.validate_json(found[0][2])


def has_passed(candidate: Path) -> bool:
    """Whether the candidate passed an audit and is unchanged since."""
    return _recorded(candidate, "audit", "passed") == [(True,)]


def record_publication(candidate: Path, file: str) -> None:
    """Say in the candidate under which name it was published."""
    with duckdb.connect(str(candidate)) as connection:
        connection.execute("create or replace table build.published as select ? as file", [file])


def published_as(candidate: Path) -> str | None:
    """The name this candidate was published under, where it was."""
    found = _recorded(candidate, "published", "file")
    return str(found[0][0]) if found else None


def _recorded(candidate: Path, table: str, columns: str) -> list[tuple[Any, ...]]:
    if not candidate.exists():
        return []
    with duckdb.connect(str(candidate)) as connection:
        if not is_there(connection, "table", f"build.{table}"):
            return []
        return connection.execute(f"select {columns} from build.{table}").fetchall()

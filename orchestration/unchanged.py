"""What stands as it was made: a build leaves it alone, with the tests that look at nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import duckdb

from orchestration.build_plan import digest, fingerprints_here
from orchestration.rows import append
from orchestration.stores import Stores
from orchestration.warehouse import PROJECT, BuiltNode

COLUMNS = "node varchar, fingerprint varchar"
"""`build.made`, in the work database: what was made, and by which code."""

_ASKS_THE_BUILD = re.compile(
    r"\b(run_query|load_relation|load_cached_relation|is_incremental|graph)\b"
)
"""A view whose text follows from more than code: from what is loaded or built already."""


def find(stores: Stores, manifest: Mapping[str, Any], same_records: bool) -> list[str]:
    """
    The unchanged nodes, each as dbt selects it. Excluding them excludes their tests too.

    Views and seeds follow from code alone; tables too, where the last build came to its end on the same records.

    What is to be made now is forgotten until `record` hears that it was made: a build that is killed between
    leaves nothing behind that passes for unchanged.
    """
    with duckdb.connect(str(stores.work)) as work:
        work.execute(f"create table if not exists build.made ({COLUMNS})")
        work.execute(f"attach '{stores.candidate}' as candidate (read_only)")
        now = _as_made(work, manifest)
        made = set(work.execute("select node, fingerprint from build.made").fetchall())
        there = set(
            work.execute(
                "select database_name, schema_name, view_name from duckdb_views()"
                " union all select database_name, schema_name, table_name from duckdb_tables()"
            ).fetchall()
        )
        stands = {
            name
            for name in _from_code_alone(manifest, same_records)
            if (name, now[name]) in made and _relation(manifest["nodes"][name]) in there
        }
        left = _with_tests_that_stand(manifest, stands, same_records)
        work.execute("delete from build.made where not list_contains($1, node)", [sorted(left)])
    return [".".join(manifest["nodes"][name]["fqn"]) for name in sorted(left)]


def record(stores: Stores, manifest: Mapping[str, Any], built: Iterable[BuiltNode]) -> None:
    """Remember what was made, once the build has come to its end."""
    with duckdb.connect(str(stores.work)) as work:
        now = _as_made(work, manifest)
        rows = [
            (each.unique_id, now[each.unique_id])
            for each in built
            if each.passed and each.unique_id in now
        ]
        append(work, "build.made", rows)


def _as_made(work: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]) -> dict[str, str]:
    """What each node is made by, with the tests it is held to: a test that is new must be run."""
    tests: dict[str, list[object]] = {}
    for name, node in sorted(manifest["nodes"].items()):
        if node["resource_type"] == "test":
            asked = [name, node["config"], node.get("test_metadata"), _texts(manifest, node)]
            for looked_at in node["depends_on"]["nodes"]:
                tests.setdefault(looked_at, []).append(asked)
    now = fingerprints_here(work, manifest, PROJECT)
    return {name: digest([made, tests.get(name)]) for name, made in now.items()}


def _from_code_alone(manifest: Mapping[str, Any], same_records: bool) -> set[str]:
    """Seeds, and the views whose text no record and no other build can change; of the same records also tables."""
    tables = ("seed", "table", "incremental") if same_records else ("seed",)
    return {
        name
        for name, node in manifest["nodes"].items()
        if (kind := node["config"].get("materialized")) in tables
        or (
            kind == "view"
            and not any(_ASKS_THE_BUILD.search(text) for text in _texts(manifest, node))
        )
    }


def _texts(manifest: Mapping[str, Any], node: Mapping[str, Any]) -> list[str]:
    """The code of a node and of every macro of this project that it comes to call."""
    own = node["package_name"]
    texts, seen = [str(node["raw_code"])], set[str]()
    called = list(node["depends_on"]["macros"])
    while called:
        macro = manifest["macros"].get(name := called.pop())
        if macro is not None and macro["package_name"] == own and name not in seen:
            seen.add(name)
            texts.append(macro["macro_sql"])
            called += macro["depends_on"]["macros"]
    return texts


def _with_tests_that_stand(
    manifest: Mapping[str, Any], stands: Collection[str], same_records: bool
) -> set[str]:
    """
    Without the nodes whose tests must be run again: all but those that look at nothing but unchanged seeds, or
    unchanged tables of the same records.
    """
    holds = "" if same_records else "seed."
    left = set(stands)
    tests = [
        node["depends_on"]["nodes"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
    ]
    while again := {
        name for looked_at in tests for name in _to_look_at_again(looked_at, left, holds)
    }:
        left -= again
    return left


def _to_look_at_again(looked_at: Sequence[str], left: Collection[str], holds: str) -> list[str]:
    if all(name in left and name.startswith(holds) for name in looked_at):
        return []
    return [name for name in looked_at if name in left]


def _relation(node: Mapping[str, Any]) -> tuple[str, str, str]:
    return (node["database"], node["schema"], node["alias"])

"""What each model's code, seeds and variables come to, so that a build redoes only what changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.stores import Stores


def plan_build(stores: Stores, manifest: Mapping[str, Any], project: Path) -> None:
    """
    Write `build.plan` into the work database and make room for progress in both databases.

    `build.plan` holds one row per model (model, fingerprint); `build.progress` is written by
    the models themselves (see macros/incremental_build.sql). A work database made anew gets a new
    generation, which is part of every fingerprint: progress of an older one counts for nothing.
    """
    for database in (stores.work, stores.candidate):
        with duckdb.connect(str(database)) as connection:
            connection.execute("create schema if not exists build")
            connection.execute(
                "create table if not exists build.progress"
                " (model varchar, fingerprint varchar, export_seq bigint)"
            )
    _drop_what_is_no_longer_a_mart(stores.candidate, manifest)
    with duckdb.connect(str(stores.work)) as connection:
        rows = _fingerprints_here(connection, manifest, project)
        connection.execute(
            "create or replace table build.plan (model varchar, fingerprint varchar)"
        )
        connection.executemany("insert into build.plan values (?, ?)", sorted(rows.items()))


def build_state(stores: Stores, manifest: Mapping[str, Any], project: Path) -> str:
    """
    A digest of everything the marts follow from: models, data tests, exports as loaded, stated counts.

    Raw's own records need no looking at: they change only together with a row of raw.exports.
    """
    with duckdb.connect(str(stores.work)) as connection:
        models = _fingerprints_here(connection, manifest, project)
        loaded = [
            connection.execute(
                f"select count(*), sum(hash(loaded)) from raw.{table} as loaded"
            ).fetchall()
            for table in ("exports", "quarantine", "expected_counts")
        ]
    tests = [
        (name, node["checksum"]["checksum"], node["config"].get("severity"))
        for name, node in sorted(manifest["nodes"].items())
        if node["resource_type"] == "test"
    ]
    return digest([models, tests, loaded])


def digest(facts: object) -> str:
    """A short name for `facts`, the same as long as they are."""
    return hashlib.md5(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def _fingerprints_here(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], project: Path
) -> dict[str, str]:
    """Fingerprints that hold for this work database alone: one made anew has a generation of its own."""
    connection.execute("create schema if not exists build")
    connection.execute("create table if not exists build.generation as select uuid() as id")
    ((generation,),) = connection.execute("select id::varchar from build.generation").fetchall()
    return fingerprints(manifest, project_variables(project) | {"generation": generation})


def _drop_what_is_no_longer_a_mart(candidate: Path, manifest: Mapping[str, Any]) -> None:
    """A model that was renamed or deleted would else be published for ever, stale and unaudited."""
    models = {node["alias"] for node in manifest["nodes"].values() if node["schema"] == "marts"}
    with duckdb.connect(str(candidate)) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts'"
        ).fetchall()
        for (table,) in tables:
            # breaches are written by the audit, from nothing each time
            if table not in models and table != "breaches":
                connection.execute(f'drop table marts."{table}"')


def project_variables(project: Path) -> dict[str, Any]:
    """The `vars` of dbt_project.yml, which the manifest does not carry."""
    return dict(yaml.safe_load((project / "dbt_project.yml").read_text()).get("vars", {}))


def fingerprints(manifest: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, str]:
    """
    A digest per model of everything its rows follow from: its own code and columns, the macros it calls,
    the seeds and models above it, the declared fields of its sources, the project's variables.
    """
    nodes = {**manifest["nodes"], **manifest["sources"]}

    @cache
    def macro_text(name: str) -> str:
        macro = manifest["macros"].get(name)
        if macro is None or macro["package_name"] == "dbt":
            return name
        called = [macro_text(each) for each in sorted(macro["depends_on"]["macros"])]
        return macro["macro_sql"] + "".join(called)

    @cache
    def fingerprint(name: str) -> str:
        node = nodes[name]
        depends_on = node.get("depends_on") or {}
        facts = {
            "code": node.get("raw_code", ""),
            "checksum": (node.get("checksum") or {}).get("checksum"),
            "columns": [[c["name"], c.get("data_type")] for c in node["columns"].values()],
            "materialized": node["config"].get("materialized"),
            "signals": (node["config"].get("meta") or {}).get("signals"),
            "macros": [macro_text(each) for each in sorted(depends_on.get("macros", []))],
            "above": [fingerprint(each) for each in sorted(depends_on.get("nodes", []))],
            "variables": dict(variables),
        }
        return digest(facts)

    return {
        node["alias"]: fingerprint(name)
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }

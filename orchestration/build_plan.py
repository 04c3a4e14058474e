"""What each model's code, seeds and variables come to, so that a build redoes only what changed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.metrics.standing import make_room
from orchestration.stores import Stores

CONFIG = (
    "materialized",
    "incremental_strategy",
    "unique_key",
    "on_schema_change",
    "incremental_predicates",
    "column_types",
    "delimiter",
)
"""The settings of a model or seed that its rows follow from."""

AUDITED = (
    "breaches",
    "checks",
    "metric_contracts",
    "metric_validations",
    "reviews",
    "triage",
    "triage_cases",
)
"""What the audit writes, from nothing each time."""

_VARIABLE = re.compile(r"""\bvar\(\s*['"](\w+)['"]""")
"""A variable as models and macros name it: a pack in another version masks no message again."""


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
    with duckdb.connect(str(stores.candidate)) as connection:
        make_room(connection)
    _drop_what_is_no_longer_a_mart(stores.candidate, manifest)
    with duckdb.connect(str(stores.work)) as connection:
        rows = _by_name(manifest, fingerprints_here(connection, manifest, project))
        connection.execute(
            "create or replace table build.plan (model varchar, fingerprint varchar)"
        )
        connection.executemany("insert into build.plan values (?, ?)", sorted(rows.items()))


def code_state(stores: Stores, manifest: Mapping[str, Any], project: Path) -> str:
    """A digest of the code that the marts follow from: models, seeds and data tests."""
    with duckdb.connect(str(stores.work)) as connection:
        models = fingerprints_here(connection, manifest, project)
    tests = [
        (name, node["checksum"]["checksum"], node["config"].get("severity"))
        for name, node in sorted(manifest["nodes"].items())
        if node["resource_type"] == "test"
    ]
    return digest([models, tests])


def loaded_state(work: duckdb.DuckDBPyConnection) -> str:
    """
    A digest of the exports as loaded, and of the counts stated of them.

    Raw's own records need no looking at: they change only together with a row of raw.exports.
    """
    return digest(
        [
            work.execute(
                f"select count(*), sum(hash(loaded)) from raw.{table} as loaded"
            ).fetchall()
            for table in ("exports", "quarantine", "expected_counts")
        ]
    )


def digest(facts: object) -> str:
    """A short name for `facts`, the same as long as they are."""
    return hashlib.md5(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def fingerprints_here(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], project: Path
) -> dict[str, str]:
    """Fingerprints that hold for this work database alone: one made anew has a generation of its own."""
    connection.execute("create schema if not exists build")
    connection.execute("create table if not exists build.generation as select uuid() as id")
    ((generation,),) = connection.execute("select id::varchar from build.generation").fetchall()
    given = {"generation": generation, "organizations": _organizations(manifest)}
    return fingerprints(manifest, engines() | given, project, project_variables(project))


def _by_name(manifest: Mapping[str, Any], found: Mapping[str, str]) -> dict[str, str]:
    """Those of models, by the name they call themselves in `build.progress`."""
    nodes = manifest["nodes"]
    return {
        nodes[name]["name"]: fingerprint
        for name, fingerprint in found.items()
        if nodes[name]["resource_type"] == "model"
    }


def _drop_what_is_no_longer_a_mart(candidate: Path, manifest: Mapping[str, Any]) -> None:
    """A model that was renamed or deleted would else be published for ever, stale and unaudited."""
    models = {(node["schema"], node["alias"]) for node in manifest["nodes"].values()}
    with duckdb.connect(str(candidate)) as connection:
        found = connection.execute(
            "select 'view', schema_name, view_name from duckdb_views() where not internal"
            " union all select 'table', schema_name, table_name from duckdb_tables()"
        ).fetchall()
        for kind, schema, name in found:
            if schema != "build" and (schema, name) not in models and name not in AUDITED:
                connection.execute(f'drop {kind} {schema}."{name}"')


def _organizations(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Whose organizations accounts speak of, by their source and table: a model reads it as declared."""
    declared = {
        name: (node["config"].get("meta", {}).get("export") or {}).get("organizations_of")
        for name, node in manifest["sources"].items()
    }
    return {name: sources for name, sources in declared.items() if sources}


def project_variables(project: Path) -> dict[str, Any]:
    """The `vars` of dbt_project.yml, which the manifest does not carry."""
    return dict(yaml.safe_load((project / "dbt_project.yml").read_text()).get("vars", {}))


def engines() -> dict[str, str]:
    """The versions of what computes the rows: another one may round, sort or compile differently."""
    return {name: version(name) for name in ("duckdb", "dbt-core")}


def fingerprints(
    manifest: Mapping[str, Any],
    facts: Mapping[str, Any],
    project: Path,
    variables: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """
    A digest per model and seed, by unique id, of everything its rows follow from: its own code, columns and
    settings, the macros it calls, the variables these name, the seeds and models above it, the declared fields of
    its sources, and the facts that hold for all: the engines, the generation.
    """
    variables = variables or {}
    nodes = {**manifest["nodes"], **manifest["sources"]}

    @cache
    def macro_text(name: str) -> str:
        macro = manifest["macros"].get(name)
        if macro is None or macro["package_name"] == "dbt":
            return name
        called = [macro_text(each) for each in sorted(macro["depends_on"]["macros"])]
        return macro["macro_sql"] + "".join(called)

    everything = [*manifest["macros"].values(), *manifest["nodes"].values()]
    # a variable that no text names is read in a way not known here: it counts for every model
    told = {
        name
        for each in everything
        for name in _VARIABLE.findall(each.get("macro_sql") or each.get("raw_code") or "")
    }

    @cache
    def fingerprint(name: str) -> str:
        node = nodes[name]
        depends_on = node.get("depends_on") or {}
        strategy = node["config"].get("incremental_strategy")
        own = {
            "code": node.get("raw_code", ""),
            "content": _content(node, project),
            "columns": [[c["name"], c.get("data_type")] for c in node["columns"].values()],
            "config": {key: node["config"].get(key) for key in CONFIG},
            # called by dbt, not by the model, so not among the macros it names
            "strategy": macro_text(f"macro.assay.get_incremental_{strategy}_sql"),
            # what a signal asks and allows is declared beside its model, not in it
            "signals": node["config"].get("meta", {}).get("signals"),
            "macros": [macro_text(each) for each in sorted(depends_on.get("macros", []))],
            "above": [fingerprint(each) for each in sorted(depends_on.get("nodes", []))],
            "facts": dict(facts),
        }
        named = set(_VARIABLE.findall(f"{own['code']}{own['strategy']}{''.join(own['macros'])}"))
        own["variables"] = {
            name: value for name, value in variables.items() if name in named or name not in told
        }
        return digest(own)

    return {
        name: fingerprint(name)
        for name, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed")
    }


def _content(node: Mapping[str, Any], project: Path) -> str | None:
    """The checksum dbt keeps, except that of a seed over 1 MB, which is only its path."""
    checksum = node.get("checksum") or {}
    if checksum.get("name") != "path":
        return checksum.get("checksum")
    with (project / node["original_file_path"]).open("rb") as seed:
        return hashlib.file_digest(seed, "sha256").hexdigest()

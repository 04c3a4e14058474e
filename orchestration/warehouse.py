"""The dbt project as Python sees it: where it is, its manifest, kept fresh, and how it is built."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.reading import Contracts, read_contracts
from orchestration.build_plan import project_variables
from orchestration.stores import Stores
from signals.declared import signal_names

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

PROJECT = Path(__file__).parents[1] / "dbt_project"
TARGET = PROJECT / "target"
MANIFEST = TARGET / "manifest.json"
DBT = Path(sys.executable).with_name("dbt")


class WarehouseError(Exception):
    """The dbt project cannot be read, or a node of it cannot be built."""


@dataclass(frozen=True)
class BuiltNode:
    """One model, seed or data test that dbt ran. `seconds` is dbt's own measurement."""

    unique_id: str
    passed: bool
    seconds: float
    message: str


def manifest_path() -> Path:
    """The manifest of the project as it stands; parsed again when a file of it is newer."""
    if not MANIFEST.exists() or MANIFEST.stat().st_mtime < _last_edit():
        _parse()
    return MANIFEST


def read_manifest() -> dict[str, Any]:
    """What dbt understood of the project: sources, models, seeds, groups, after inheritance and Jinja."""
    return dict(json.loads(manifest_path().read_text(encoding="utf-8")))


def read_metric_contracts(manifest: Mapping[str, Any] | None = None) -> Contracts:
    """The contract of every metric of a manifest, the project's as it stands unless another is given."""
    manifest = manifest or read_manifest()
    return read_contracts(manifest, purposes(), PROJECT, signal_names(manifest))


def purposes() -> Mapping[str, Any]:
    """What metrics may be used for, as the project declares it."""
    return project_variables(PROJECT).get("purposes") or {}


def dbt_environment(stores: Stores) -> dict[str, str]:
    """The variables profiles.yml reads, for a dbt process that builds in these stores."""
    return {**os.environ, **stores.environment(), "DO_NOT_TRACK": "1"}


def build(
    stores: Stores,
    on_node: Callable[[str], None],
    selection: Sequence[str] = (),
    may_fail: Collection[str] = (),
) -> list[BuiltNode]:
    """
    Build all models and seeds with their data tests, or those that dbt's `selection` arguments leave.

    dbt runs in this process with the manifest already parsed: a process of its own would import and
    parse for longer than a small build takes. `on_node` hears of each node as it starts. The database
    is let go of before returning. Raises WarehouseError with what dbt said of each node that failed, but for
    those that may fail, by unique id: they are told with what was built.
    """

    def heard(event: Any) -> None:
        if event.info.name == "NodeStart":
            on_node(event.data.node_info.node_name)

    arguments = ["build", *selection]
    for unbuilt in ("unit_test", "exposure"):
        arguments += ["--exclude-resource-type", unbuilt]
    return [_built(each) for each in _invoke(stores, arguments, [heard], may_fail)]


def readers_of(manifest: Mapping[str, Any], tables: Collection[str]) -> list[str]:
    """dbt's selection of every model that follows from these tables of the schema raw."""
    return [
        f"source:{source['source_name']}.{source['name']}+"
        for source in manifest["sources"].values()
        if source["schema"] == "raw" and source["identifier"] in tables
    ]


def compiled(stores: Stores, model: str) -> dict[str, dict[str, Any]]:
    """
    A model and all it is built from, by unique id, with the SQL dbt would run for it now.

    Raises WarehouseError with what dbt said where it does not compile.
    """
    results = _invoke(stores, ["compile", "--select", f"+{model}"], [])
    return {each.node.unique_id: each.node.to_dict() for each in results}


def _invoke(
    stores: Stores,
    arguments: Sequence[str],
    callbacks: list[Callable[[Any], None]],
    may_fail: Collection[str] = (),
) -> list[Any]:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    placed = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    placed += ["--target-path", str(stores.root / "dbt"), "--log-path", str(stores.root / "dbt")]
    runner = dbtRunner(manifest=_parsed_manifest(), callbacks=callbacks)
    try:
        ended = runner.invoke(["--quiet", "--log-level-file", "warn", *arguments, *placed])
    finally:
        DuckDBConnectionManager.close_all_connections()
    if ended.exception is not None:
        raise WarehouseError(f"dbt stopped: {ended.exception}")
    results = list(getattr(ended.result, "results", []))
    if not ended.success:
        failed = [each for each in results if each.node.unique_id not in may_fail]
        told = list(filter(None, map(_why_it_failed, failed)))
        if told or not results:
            raise WarehouseError("\n".join(told))
    return results


_RULES = {
    "unique": "each value stands in one row",
    "not_null": "no value is missing",
    "accepted_values": "only these values stand: {values}",
    "relationships": "each value stands in column {field} of {to}",
    "later_than": "it is later than {column}",
    "windows_apart": "the rows of a value are in effect one after the other",
    "is_scope": "each value is the name of a metric, or * for all",
}
"""What dbt's own data tests hold a column to, with what they are given."""


def _why_it_failed(result: Any) -> str:
    """A sentence for a node that failed: of a data test the file, the column and the rule; else what dbt said."""
    built = _built(result)
    if built.passed or not built.message:
        return ""
    test = getattr(result.node, "test_metadata", None)
    if result.status != "fail" or test is None or test.name not in _RULES:
        return f"{built.unique_id}: {built.message}"
    judged = read_manifest()["nodes"][result.node.attached_node]
    return (
        f"{PROJECT.name}/{judged['original_file_path']}, column {result.node.column_name}: expected that "
        f"{_RULES[test.name].format_map(test.kwargs)}; {result.failures:,} found that do not hold to it. "
        f"Mend {'the seed' if judged['resource_type'] == 'seed' else 'what it reads'} and run again."
    )


def _built(result: Any) -> BuiltNode:
    return BuiltNode(
        unique_id=result.node.unique_id,
        passed=result.status in ("success", "pass", "no-op", "warn"),
        seconds=result.execution_time,
        message="" if result.status == "skipped" else str(result.message or ""),
    )


def _parsed_manifest() -> Manifest | None:
    """
    The manifest as dbt keeps it between runs, so that nothing is parsed again. None where dbt cannot read its own:
    it keeps no key that YAML takes for true, as it does a bare `on`, and parses the project in each run.
    """
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    manifest_path()
    kept = (TARGET / "partial_parse.msgpack").read_bytes()
    try:
        manifest: Manifest = Manifest.from_msgpack(kept, decoder=extended_mashumuro_decoder)
    except ValueError:
        return None
    manifest.build_flat_graph()
    return manifest


def _last_edit() -> float:
    edited = [PROJECT / "dbt_project.yml", PROJECT / "profiles.yml"]
    for folder in ("models", "seeds", "macros", "tests"):
        # folders too: of a file that was removed, only its folder tells
        edited += [
            path for path in (PROJECT / folder, *(PROJECT / folder).rglob("*")) if path.exists()
        ]
    return max(path.stat().st_mtime for path in edited)


_GENERATE = (
    "\nWas a metric deleted or renamed? `make generated` writes anew what follows from the others."
)


def _parse() -> None:
    parsed = subprocess.run(
        [DBT, "--quiet", "parse", "--project-dir", PROJECT, "--profiles-dir", PROJECT],
        env={**os.environ, "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if parsed.returncode != 0:
        said = parsed.stdout.strip()
        hint = _GENERATE if "depends on a node named" in said else ""
        raise WarehouseError(f"{PROJECT}: dbt cannot parse the project.\n{said}{hint}")
    # dbt keeps the time of an unchanged manifest, so an edit that changes nothing would parse for ever
    MANIFEST.touch()

"""The dbt project as Dagster assets: one step that builds staging, core, taxonomy and marts."""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets

from contracts.errors import ContractError
from orchestration import (
    asking,
    run_lock,
    signal_moves,
    standing,
    taxonomy_moves,
    unchanged,
    warehouse,
)
from orchestration.assets.policies import policy
from orchestration.assets.previews import preview
from orchestration.assets.resources import WRITERS, again_later, failure
from orchestration.brought import EXPORTS, bring
from orchestration.build_plan import code_state, plan_build
from orchestration.metrics import faults, rewrites
from orchestration.progress import RunProgress
from orchestration.stores import Stores
from signals.callables import CallableError
from signals.declared import read_signals
from signals.llm.settings import SettingsError

CONTRACTS = warehouse.read_metric_contracts().contracts

POLICIES = {contract.metric: policy([contract]) for contract in CONTRACTS}
"""That a run is overdue is told by them; that data are, by those of raw tables and by the clause freshness."""


class Layers(DagsterDbtTranslator):
    """dbt's models under the names readers know: layer and table; groups are layers, owners are dbt's."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey(
                ["raw", dbt_resource_props["source_name"], dbt_resource_props["name"]]
            )
        return dg.AssetKey([_layer(dbt_resource_props), dbt_resource_props["name"]])

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        layer, name = spec.key.path[0], spec.key.path[-1]
        fresh = POLICIES.get(name) if layer == "metrics" else None
        return spec.replace_attributes(freshness_policy=fresh) if fresh else spec

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return _layer(dbt_resource_props)


LAYERS = Layers()

GOVERNED = "tag:governed"
"""The models that read every metric: built once it is known which of them can be counted."""


def _layer(props: Mapping[str, Any]) -> str:
    # fqn: project, folder, …; a folder under models/ or seeds/ is a layer
    return "raw" if props["resource_type"] == "source" else str(props["fqn"][1])


@dbt_assets(
    manifest=warehouse.manifest_path(),
    name="build_marts",
    dagster_dbt_translator=LAYERS,
    pool=WRITERS,
)
def marts(
    context: dg.AssetExecutionContext,
    stores: dg.ResourceParam[Stores],
    progress: dg.ResourceParam[RunProgress],
) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """Everything between raw and the audit, built by dbt."""
    if context.is_subset:
        # a model remembers which exports it has seen, which is true only of models built after those above
        raise failure(warehouse.WarehouseError("Models are built together: run the job assay."))
    manifest = warehouse.read_manifest()
    progress.step("marts")
    try:
        with run_lock.run_lock(stores.lock):
            built = _build_what_changed(stores, manifest, progress)
            yield from _results(context, stores, manifest, _parents_first(manifest, built))
    except run_lock.LockError as error:
        raise again_later(error) from error
    except (CallableError, ContractError, SettingsError, warehouse.WarehouseError) as error:
        raise failure(error) from error


def _build_what_changed(
    stores: Stores, manifest: Mapping[str, Any], progress: RunProgress
) -> list[warehouse.BuiltNode]:
    """
    What had to be built: nothing where nothing changed, what reads it where only what is brought in from elsewhere
    did, what follows from it where only code did, else every model that records reach, each of which knows what is
    new to it.
    """
    signals, settings = read_signals(manifest), asking.settings()
    newly_answered = asking.prepare(stores, signals, settings)
    code, brought = code_state(stores, manifest, warehouse.PROJECT), bring(stores, manifest)
    before, changed = standing.built_from(stores.candidate), [*brought]
    if before and not newly_answered:
        changed = [table for table in brought if brought[table] != before[1].get(table)]
    if before and before[0] == code and not changed:
        progress.done("marts", "nothing changed since they were built")
        return []
    standing.forget(stores.candidate)
    if before and before[0] == code and EXPORTS not in changed:
        built = _build_readers(stores, manifest, progress, changed)
    else:
        plan_build(stores, manifest, warehouse.PROJECT)
        asks = any(each.answered_by != "rules" for each in signals)
        built, left = [], unchanged.find(stores, manifest, same_records=not changed and not asks)
        metrics = faults.metric_nodes(manifest)
        for selection in asking.stages(manifest, signals):
            if built:
                asking.ask(stores, signals, settings, progress)
            built += _build(stores, progress, [*selection, "--exclude", GOVERNED, *left], metrics)
        faults.find(stores, manifest, built)
        built += _build(stores, progress, ["--select", GOVERNED])
        unchanged.record(stores, manifest, built)
        signal_moves.record(stores)
        taxonomy_moves.record(stores)
        rewrites.record(stores, CONTRACTS)
        # what moved, and the labels whose conversation is no longer as it was read, are known by now
        if (found := bring(stores, manifest)) != brought:
            changed = [table for table in found if found[table] != brought[table]]
            built += _build_readers(stores, manifest, progress, changed)
            brought = found
    standing.record_build(stores.candidate, code, brought)
    progress.done("marts", f"{len(built)} models, seeds and tests")
    return built


def _build(
    stores: Stores, progress: RunProgress, selection: Sequence[str], may_fail: Sequence[str] = ()
) -> list[warehouse.BuiltNode]:
    return warehouse.build(stores, lambda name: progress.step("marts", name), selection, may_fail)


def _build_readers(
    stores: Stores, manifest: Mapping[str, Any], progress: RunProgress, tables: Sequence[str]
) -> list[warehouse.BuiltNode]:
    if "contracts" in tables:
        faults.find_again(stores)
    return _build(stores, progress, ["--select", *warehouse.readers_of(manifest, tables)])


def _parents_first(
    manifest: Mapping[str, Any], built: Sequence[warehouse.BuiltNode]
) -> list[warehouse.BuiltNode]:
    """
    Every node of the build that stands now, those left alone too: one that had failed would not have let
    the build end.
    """
    above = {
        name: [each for each in node["depends_on"].get("nodes", []) if each in manifest["nodes"]]
        for name, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed", "test")
    }
    now = {each.unique_id: each for each in built}
    return [
        now.get(name, warehouse.BuiltNode(name, passed=True, seconds=0.0, message="unchanged"))
        for name in TopologicalSorter(above).static_order()
    ]


def _results(
    context: dg.AssetExecutionContext,
    stores: Stores,
    manifest: Mapping[str, Any],
    built: Sequence[warehouse.BuiltNode],
) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """What dbt built, with what only the finished build can tell: row counts and a preview."""
    checks = {key.name: key for key in context.selected_asset_check_keys}
    metrics = set(faults.metric_nodes(manifest))
    with duckdb.connect(str(stores.work), read_only=True) as connection:
        connection.execute(f"attach '{stores.candidate}' as candidate (read_only)")
        views = "select view_name from duckdb_views() where schema_name = 'metrics'"
        shown = {name for (name,) in connection.execute(views).fetchall()}
        for each in built:
            node = manifest["nodes"][each.unique_id]
            if each.unique_id in metrics and node["alias"] not in shown:
                # without a result the audit, which checks every metric's asset, would be skipped for all
                yield dg.MaterializeResult(
                    asset_key=LAYERS.get_asset_key(node),
                    metadata={"withheld": "Nothing could be made of it: its status says why."},
                )
                continue
            if node["resource_type"] != "test":
                key = LAYERS.get_asset_key(node)
                relation = f"{node['database']}.{node['schema']}.{node['alias']}"
                yield dg.MaterializeResult(
                    asset_key=key,
                    metadata={"seconds": each.seconds, **preview(connection, relation)},
                )
            elif node["name"] in checks:
                check = checks[node["name"]]
                yield dg.AssetCheckResult(
                    passed=each.passed, asset_key=check.asset_key, check_name=check.name
                )

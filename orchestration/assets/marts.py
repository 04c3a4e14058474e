"""The dbt project as Dagster assets: one step that builds staging, core, taxonomy and marts."""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from contracts.errors import ContractError
from orchestration import asking, run_lock, standing, warehouse
from orchestration.assets.previews import preview
from orchestration.assets.resources import WRITERS, again_later, failure
from orchestration.build_plan import build_state, plan_build
from orchestration.progress import RunProgress
from orchestration.stores import Stores
from signals.callables import CallableError
from signals.declared import read_signals
from signals.llm.settings import SettingsError


class Layers(DagsterDbtTranslator):
    """dbt's models under the names readers know: layer and table; groups are layers, owners are dbt's."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey(
                ["raw", dbt_resource_props["source_name"], dbt_resource_props["name"]]
            )
        return dg.AssetKey([_layer(dbt_resource_props), dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return _layer(dbt_resource_props)


LAYERS = Layers()


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
            signals, settings = read_signals(manifest), asking.settings()
            newly_answered = asking.prepare(stores, signals, settings)
            state = build_state(stores, manifest, warehouse.PROJECT)
            if not newly_answered and standing.stands(stores.candidate, state):
                built = _as_built(manifest)
                progress.done("marts", "nothing changed since they were built")
            else:
                standing.forget(stores.candidate)
                plan_build(stores, manifest, warehouse.PROJECT)
                built = []
                for selection in asking.stages(manifest, signals):
                    if built:
                        asking.ask(stores, signals, settings, progress)
                    built += warehouse.build(
                        stores, lambda name: progress.step("marts", name), selection
                    )
                standing.record_build(stores.candidate, state)
                progress.done("marts", f"{len(built)} models, seeds and tests")
            yield from _results(context, stores, manifest, built)
    except run_lock.LockError as error:
        raise again_later(error) from error
    except (CallableError, ContractError, SettingsError, warehouse.WarehouseError) as error:
        raise failure(error) from error


def _as_built(manifest: Mapping[str, Any]) -> list[warehouse.BuiltNode]:
    """A build that stands, parents first: a node that had failed would not have let it end."""
    above = {
        name: [each for each in node["depends_on"].get("nodes", []) if each in manifest["nodes"]]
        for name, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed", "test")
    }
    return [
        warehouse.BuiltNode(name, passed=True, seconds=0.0, message="unchanged")
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
    with duckdb.connect(str(stores.work), read_only=True) as connection:
        connection.execute(f"attach '{stores.candidate}' as candidate (read_only)")
        for each in built:
            node = manifest["nodes"][each.unique_id]
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

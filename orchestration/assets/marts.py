"""The dbt project as Dagster assets: one step that builds staging, core, taxonomy and marts."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, dbt_assets

from orchestration import run_lock, warehouse
from orchestration.assets.previews import preview
from orchestration.assets.resources import WRITERS, again_later
from orchestration.build_plan import plan_build
from orchestration.progress import RunProgress
from orchestration.stores import Stores


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


def _layer(props: Mapping[str, Any]) -> str:
    # fqn: project, folder, …; a folder under models/ or seeds/ is a layer
    return "raw" if props["resource_type"] == "source" else str(props["fqn"][1])


@dbt_assets(
    manifest=warehouse.manifest_path(),
    name="build_marts",
    dagster_dbt_translator=Layers(),
    pool=WRITERS,
)
def marts(
    context: dg.AssetExecutionContext,
    dbt: DbtCliResource,
    stores: dg.ResourceParam[Stores],
    progress: dg.ResourceParam[RunProgress],
) -> Iterator[Any]:
    """Everything between raw and the audit, built by dbt in a process of its own."""
    try:
        with run_lock.run_lock(stores.lock):
            plan_build(stores, warehouse.read_manifest(), warehouse.PROJECT)
            yield from _build(context, dbt, stores, progress)
    except run_lock.LockError as error:
        raise again_later(error) from error


def _build(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, stores: Stores, progress: RunProgress
) -> Iterator[Any]:
    """Run dbt, then attach what only the finished build can tell: row counts and a preview."""
    built = dbt.cli(
        ["build", "--exclude-resource-type", "unit_test"],
        context=context,
        target_path=stores.root / "dbt",
    )
    events = []
    for event in built.stream():
        if isinstance(event, dg.Output):
            progress.step("marts", context.asset_key_for_output(event.output_name).path[-1])
        events.append(event)
    progress.done("marts")
    with duckdb.connect(str(stores.work), read_only=True) as connection:
        connection.execute(f"attach '{stores.candidate}' as candidate (read_only)")
        for event in events:
            yield _described(context, event, connection) if isinstance(event, dg.Output) else event


def _described(
    context: dg.AssetExecutionContext, output: dg.Output[Any], connection: duckdb.DuckDBPyConnection
) -> dg.Output[Any]:
    schema, table = context.asset_key_for_output(output.output_name).path
    database = "candidate" if schema == "marts" else "work"
    return dg.Output(
        value=None,
        output_name=output.output_name,
        metadata={**output.metadata, **preview(connection, f"{database}.{schema}.{table}")},
    )

"""What readers open: the audited candidate, copied and pointed at."""

from typing import Any

import dagster as dg

from contracts.errors import ContractError
from contracts.purposes import read_purposes
from orchestration import run_lock, warehouse
from orchestration.assets.marts import LAYERS
from orchestration.assets.metrics import observations
from orchestration.assets.resources import WRITERS, again_later, failure
from orchestration.build_plan import project_variables
from orchestration.progress import RunProgress
from orchestration.publishing import NotAudited, publish
from orchestration.stores import Stores


def _marts() -> list[dg.AssetKey]:
    manifest = warehouse.read_manifest()
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    return [LAYERS.get_asset_key(node) for node in models if node["schema"] in ("counted", "marts")]


def _own_files() -> list[str]:
    """The purposes whose readers must not see the rest."""
    variables = project_variables(warehouse.PROJECT)
    return [each.name for each in read_purposes(variables) if each.own_file]


@dg.asset(
    key=dg.AssetKey(["published", "assay"]),
    group_name="published",
    # every mart that is gated: a blocking check stops only what depends on the asset it checks
    deps=_marts(),
    kinds={"duckdb"},
    owners=["data-engineering@example.com"],
    description="The audited marts as one read-only DuckDB file; the pointer moves when it is whole.",
    pool=WRITERS,
)
def published(
    context: dg.AssetExecutionContext,
    stores: dg.ResourceParam[Stores],
    progress: dg.ResourceParam[RunProgress],
) -> dg.MaterializeResult[Any]:
    """Copy the candidate, make the copy read-only and move the pointer to it; tell how its metrics stand."""
    progress.step("publish")
    try:
        with run_lock.run_lock(stores.lock):
            file = publish(stores, _own_files())
    except run_lock.LockError as error:
        raise again_later(error) from error
    except (ContractError, NotAudited) as error:
        raise failure(error) from error
    progress.done("publish", file.name)
    for each in observations(file):
        context.log_event(each)
    return dg.MaterializeResult(
        metadata={
            "file": dg.MetadataValue.path(stores.pointer),
            "build": file.name,
            "megabytes": round(file.stat().st_size / 1e6, 1),
            "data docs": dg.MetadataValue.path(stores.data_docs),
        }
    )

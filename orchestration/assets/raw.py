"""Exports into raw, one asset per declared table, loaded by one step."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import duckdb

from contracts.errors import ExportError
from contracts.exports import read_declarations
from orchestration import run_lock, warehouse
from orchestration.assets.resources import WRITERS, again_later, failure
from orchestration.exports.load import load_exports
from orchestration.exports.reports import LoadReport, Progress
from orchestration.ledger import Ledger
from orchestration.metrics import field_changes
from orchestration.progress import RunProgress
from orchestration.stores import Stores
from orchestration.work import connect

MANIFEST = warehouse.read_manifest()
DECLARATIONS = read_declarations(MANIFEST)


def asset_key(source: str, table: str) -> dg.AssetKey:
    return dg.AssetKey(["raw", source, table])


def _specs() -> list[dg.AssetSpec]:
    described = {
        (source["source_name"], source["name"]): source["description"]
        for source in MANIFEST["sources"].values()
    }
    declared = {(each.source, each.table): each for each in DECLARATIONS}
    owners = _owners(MANIFEST)
    specs = []
    for (source, table), description in described.items():
        declaration = declared.get((source, table))
        specs.append(
            dg.AssetSpec(
                asset_key(source, table),
                group_name="raw",
                description=description,
                kinds={"duckdb", declaration.format if declaration else "table"},
                owners=owners,
                skippable=True,
            )
        )
    return specs


def _owners(manifest: Mapping[str, Any]) -> list[str]:
    return [
        group["owner"]["email"]
        for group in manifest["groups"].values()
        if group["name"] == "ingestion"
    ]


@dg.multi_asset(
    name="load_exports",
    specs=_specs(),
    pool=WRITERS,
)
def raw(
    context: dg.AssetExecutionContext,
    stores: dg.ResourceParam[Stores],
    progress: dg.ResourceParam[RunProgress],
) -> Iterator[dg.MaterializeResult[Any]]:
    """Every new export, one transaction per file. A file that is refused does not stop the others."""
    try:
        with (
            run_lock.run_lock(stores.lock),
            connect(stores) as connection,
            Ledger.open(stores.ledger) as ledger,
        ):
            stores.received_from.write_text(str(stores.exports), encoding="utf-8")
            reports = load_exports(
                connection,
                stores.exports,
                DECLARATIONS,
                ledger,
                on_progress=lambda each: _tell(progress, each),
            )
            changed = _changed_fields(connection, ledger, reports)
            ((kept,),) = connection.execute("select sum(kept) from raw.exports").fetchall()
    except run_lock.LockError as error:
        raise again_later(error) from error
    except ExportError as error:
        raise failure(error) from error
    left = [each for each in reports if each.status == "known" and each.reason]
    progress.done("exports", _summary([each for each in reports if each not in left]))
    for refused in (each for each in reports if each.status == "refused"):
        progress.note(f"Refused: {refused.sentence}")
    for each in left:
        progress.note(f"Not read again: {each.sentence}")
    for sentence in changed:
        progress.note(f"Changed: {sentence}")
    if not kept:
        # of no record nothing can be built or judged
        raise failure(
            ExportError(
                f"{stores.exports}: no record of any export could be read. "
                "Put right what was refused, and run again."
            )
        )
    yield from _materializations(reports)


def _changed_fields(
    connection: duckdb.DuckDBPyConnection, ledger: Ledger, reports: list[LoadReport]
) -> list[str]:
    """What the new files show of locked fields, told before anything is built on them."""
    files = {each.file for each in reports if each.status != "known"}
    if not files or not field_changes.are_launched(ledger.connection):
        return []
    contracts = warehouse.read_metric_contracts(MANIFEST).contracts
    found = field_changes.find(connection, ledger.connection, contracts)
    return field_changes.sentences(found, files)


def _tell(progress: RunProgress, loading: Progress) -> None:
    share = loading.bytes_done / loading.bytes_total if loading.bytes_total else None
    progress.step("exports", loading.file, share)


def _summary(reports: list[LoadReport]) -> str:
    loaded = [each for each in reports if each.status == "loaded"]
    refused = sum(each.status == "refused" for each in reports)
    told = f"{len(loaded)} new of {len(reports)} files, {sum(each.kept for each in loaded):,} records kept"
    return f"{told}, {refused} files refused" if refused else told


def _materializations(reports: list[LoadReport]) -> Iterator[dg.MaterializeResult[Any]]:
    by_table = defaultdict(list)
    for report in reports:
        by_table[report.source, report.table].append(report)
    for spec in _specs():
        _, source, table = spec.key.path
        mine = by_table.get((source, table), [])
        loaded = [each for each in mine if each.status == "loaded"]
        yield dg.MaterializeResult(
            asset_key=spec.key,
            metadata={
                "files": len(mine),
                "new files": len(loaded),
                "records kept": sum(each.kept for each in loaded),
                "exact duplicates": sum(each.duplicates for each in loaded),
                "quarantined": sum(each.quarantined for each in loaded),
                "refused": [each.sentence for each in mine if each.status == "refused"],
            },
        )

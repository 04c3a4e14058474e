"""
Exports into raw: one step loads them, and what it leaves behind is made by every run.

A raw table is made anew by a run that loads something into it and by no other, so that its freshness policy tells
of the exports and not of the schedule. In Dagster a step that leaves out one of its assets stops all that follows;
so the tables are assets that the step reports, and no outputs of it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import duckdb

from contracts.errors import ExportError
from contracts.exports import read_declarations
from orchestration import run_lock, warehouse
from orchestration.assets.policies import policy, resting_on
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
CONTRACTS = warehouse.read_metric_contracts(MANIFEST).contracts

DECLARED = {(each.source, each.table): each for each in DECLARATIONS}

LOADS = "loads"
"""The source of what loading leaves behind."""

LOADED = dg.AssetKey(["raw", LOADS, "exports"])
"""Which files were received, and what became of their records: what every raw table follows from."""


def _specs(loads: bool) -> list[dg.AssetSpec]:
    """The tables that loading leaves behind, or those of exports."""
    found = []
    for each in MANIFEST["sources"].values():
        source, table = each["source_name"], each["name"]
        if (source == LOADS) != loads:
            continue
        declaration = DECLARED.get((source, table))
        found.append(
            dg.AssetSpec(
                ["raw", source, table],
                deps=[] if loads else [LOADED],
                group_name="raw",
                description=each["description"],
                kinds={"duckdb", declaration.format if declaration else "table"},
                owners=_owners(MANIFEST),
                freshness_policy=policy(resting_on(CONTRACTS, source, table)),
            )
        )
    return found


def _owners(manifest: Mapping[str, Any]) -> list[str]:
    return [
        group["owner"]["email"]
        for group in manifest["groups"].values()
        if group["name"] == "ingestion"
    ]


TABLES = _specs(loads=False)

IDENTIFIERS = {
    (each["source_name"], each["name"]): each["identifier"] for each in MANIFEST["sources"].values()
}
"""Which table of schema raw it is: those of declared CSVs are parts of one, which is an asset too."""


@dg.multi_asset(
    name="load_exports",
    specs=_specs(loads=True),
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
    for event in _of_tables(reports):
        context.log_event(event)
    yield from _of_loads(reports)


def _changed_fields(
    connection: duckdb.DuckDBPyConnection, ledger: Ledger, reports: list[LoadReport]
) -> list[str]:
    """What the new files show of locked fields, told before anything is built on them."""
    files = {each.file for each in reports if each.status != "known"}
    if not files or not field_changes.are_launched(ledger.connection):
        return []
    found = field_changes.find(connection, ledger.connection, CONTRACTS)
    return field_changes.sentences(found, files)


def _tell(progress: RunProgress, loading: Progress) -> None:
    share = loading.bytes_done / loading.bytes_total if loading.bytes_total else None
    progress.step("exports", loading.file, share)


def _summary(reports: list[LoadReport]) -> str:
    loaded = [each for each in reports if each.status == "loaded"]
    refused = sum(each.status == "refused" for each in reports)
    told = f"{len(loaded)} new of {len(reports)} files, {sum(each.kept for each in loaded):,} records kept"
    return f"{told}, {refused} files refused" if refused else told


def _of_tables(
    reports: list[LoadReport],
) -> Iterator[dg.AssetMaterialization | dg.AssetObservation]:
    """Each table as it was made anew; or as it was found, with nothing new for it, which makes it no younger."""
    for spec in TABLES:
        mine = [each for each in reports if _feeds(each, spec)]
        new = [each for each in mine if each.status == "loaded" and each.kept]
        told = {"files": len(mine), "new files": len(new)}
        if new:
            yield dg.AssetMaterialization(spec.key, metadata={**told, **_counts(new)})
        elif mine:
            yield dg.AssetObservation(spec.key, metadata=told)


def _feeds(report: LoadReport, spec: dg.AssetSpec) -> bool:
    """Whether a file went into a table. Into one that is declared for no file go those of all its parts."""
    _, *table = spec.key.path
    came = (report.source, report.table)
    if (declared := (table[0], table[1])) in DECLARED:
        return came == declared
    return IDENTIFIERS.get(came) == IDENTIFIERS[declared]


def _of_loads(reports: list[LoadReport]) -> Iterator[dg.MaterializeResult[Any]]:
    loaded = [each for each in reports if each.status == "loaded"]
    told: dict[str, Any] = {
        "files": len({each.file for each in reports}),
        "new files": len({each.file for each in loaded}),
        **_counts(loaded),
        "refused": [each.sentence for each in reports if each.status == "refused"],
    }
    for spec in raw.specs:
        yield dg.MaterializeResult(asset_key=spec.key, metadata=told if spec.key == LOADED else {})


def _counts(loaded: list[LoadReport]) -> dict[str, int]:
    return {
        "records kept": sum(each.kept for each in loaded),
        "exact duplicates": sum(each.duplicates for each in loaded),
        "quarantined": sum(each.quarantined for each in loaded),
    }

"""A copy of a build, harmed: built again as far as the harm reaches, and judged as a run would."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from contracts.contract import Contract
from contracts.exports import ExportDeclaration
from expectations.outcome import Outcome
from expectations.runner import judge
from orchestration import warehouse
from orchestration.brought import bring
from orchestration.exports.load import load_exports
from orchestration.judging import judging, measure_samples
from orchestration.ledger import Ledger
from orchestration.metrics import rewrites
from orchestration.mutation.harm import Harm
from orchestration.mutation.tables import FACTS, beneath, governed
from orchestration.rows import append
from orchestration.stores import Stores

_COUNTED_OTHERWISE = """
    with now as (
        from candidate.counted.metric_counts
        where is_complete
        qualify period_start = max(period_start) over (partition by metric)
    ),
    before as (
        from sound.counted.metric_counts
        where is_complete
        qualify period_start = max(period_start) over (partition by metric)
    )
    select distinct metric
    from ((from now except from before) union all (from before except from now))
    where dimension = 'all' or not $whole
"""
"""Of the last complete period, which checks judge; of whole numbers alone, or of their parts too."""

_LAUNCHED = """
    update {build}.marts.metric_contracts
    set status = 'active', published_at = coalesce(published_at, $now)
    where status in ('active', 'provisional', 'draft') and version is not null
"""


@dataclass(frozen=True)
class Project:
    """What a build follows from, read once: dbt's manifest, and what it declares."""

    manifest: Mapping[str, Any]
    declarations: Sequence[ExportDeclaration]
    contracts: Sequence[Contract]


@dataclass(frozen=True)
class Found:
    """What the checks said of a copy, and the metrics that the harm reached."""

    outcomes: list[Outcome]
    reached: frozenset[str]


class Copies:
    """
    Copies of the newest build in a folder of their own, each harmed once and judged.

    The first is left sound: in it every metric that can be counted is taken as launched with the exports there
    are, since it is asked what a contract would hold, not whether it holds yet; and all are judged as at the end
    of what was loaded, since what is overdue already cannot be seen to fall behind. The stores copied are not
    written to.
    """

    def __init__(self, stores: Stores, project: Project, folder: Path) -> None:
        self._project = project
        self._folder = folder
        self.sound = Stores.at(folder / "sound")
        _copy(stores, self.sound)
        shutil.copyfile(stores.pointer.resolve(), self._made(self.sound.pointer))
        self._launch()
        self._judging = judging(
            project.manifest, project.declarations, project.contracts, self._loaded_until()
        )
        self.as_it_stands = self._judged(self.sound)

    @contextmanager
    def opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The sound copy to be looked at, as `work` and `candidate`."""
        with _attached(self.sound, read_only=True) as connection:
            yield connection

    def harmed(self, harm: Harm) -> Found:
        """
        What the checks say once a harm is planted into a copy. Raises WarehouseError where it cannot be built.
        """
        stores = Stores.at(self._folder / "harmed")
        shutil.rmtree(stores.root, ignore_errors=True)
        _copy(self.sound, stores)
        shutil.copyfile(self.sound.pointer, self._made(stores.pointer))
        if harm.plant is not None:
            with _attached(stores) as connection:
                harm.plant(connection)
        if harm.export is not None:
            harm.export(stores.exports)
            self._load(stores)
        self._build(stores, harm)
        return Found(self._judged(stores), self._reached(stores, harm))

    def _loaded_until(self) -> datetime | None:
        with self.opened() as connection:
            ((until,),) = connection.execute(
                "select max(loaded_until) from work.core.loaded_sources"
            ).fetchall()
        return until

    def _load(self, stores: Stores) -> None:
        with duckdb.connect(str(stores.work)) as work, Ledger.open(stores.ledger) as ledger:
            load_exports(work, stores.exports, self._project.declarations, ledger)

    def _build(self, stores: Stores, harm: Harm) -> None:
        manifest = self._project.manifest
        models = {"records": beneath(manifest, FACTS), "rule": governed(manifest)}.get(
            harm.reach, []
        )
        if harm.reach == "fields":
            # what else is counted otherwise tells which metrics should have locked the field
            models = ["field_changes", *self._readers(harm)]
        with _environment(stores):
            bring(stores, manifest)
            _models(stores, models)
            if rewrites.record(stores, self._project.contracts):
                bring(stores, manifest)
                _models(stores, ["metric_rewrites"])

    def _readers(self, harm: Harm) -> list[str]:
        """What follows from the table whose field is harmed, unless every metric locks that."""
        if all(each.metric in harm.metrics for each in self._project.contracts):
            return []
        tables = {
            one.identifier
            for one in self._project.declarations
            if any(name.startswith(f"{one.source}.{one.table}.") for name in harm.names)
        }
        return warehouse.readers_of(self._project.manifest, tables)

    def _judged(self, stores: Stores) -> list[Outcome]:
        measure_samples(stores, self._project.contracts)
        return judge(stores.candidate, self._judging.in_use(stores))

    def _reached(self, stores: Stores, harm: Harm) -> frozenset[str]:
        if harm.metrics and harm.reach != "fields":
            return harm.metrics
        with _attached(stores, read_only=True) as connection:
            connection.execute(f"attach '{self.sound.candidate}' as sound (read_only)")
            found = connection.execute(_COUNTED_OTHERWISE, {"whole": harm.reach == "fields"})
            return harm.metrics | {name for (name,) in found.fetchall()}

    def _launch(self) -> None:
        now = datetime.now(UTC)
        with _attached(self.sound) as connection:
            connection.execute(f"attach '{self.sound.pointer}' as published")
            for build in ("candidate", "published"):
                connection.execute(_LAUNCHED.format(build=build), {"now": now})
        with Ledger.open(self.sound.ledger) as ledger:
            launches = "select metric, version from metric_launches"
            known = set(ledger.connection.execute(launches).fetchall())
            append(
                ledger.connection,
                "metric_launches",
                [
                    (each.metric, each.version, now, "taken as launched")
                    for each in self._project.contracts
                    if (each.metric, each.version) not in known
                ],
            )

    @staticmethod
    def _made(path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _copy(stores: Stores, to: Stores) -> None:
    to.exports.mkdir(parents=True, exist_ok=True)
    for file in ("work", "candidate", "ledger"):
        shutil.copyfile(getattr(stores, file), getattr(to, file))


def _models(stores: Stores, names: Sequence[str]) -> None:
    if names:
        untested = ["--exclude", "resource_type:test"]
        warehouse.build(stores, lambda _: None, ["--select", *names, *untested])


@contextmanager
def _attached(stores: Stores, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    how = " (read_only)" if read_only else ""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name in ("work", "candidate"):
            connection.execute(f"attach '{getattr(stores, name)}' as {name}{how}")
        yield connection


@contextmanager
def _environment(stores: Stores) -> Iterator[None]:
    """dbt reads the stores of a build from the environment."""
    before = {name: os.environ.get(name) for name in stores.environment()}
    os.environ.update(stores.environment())
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

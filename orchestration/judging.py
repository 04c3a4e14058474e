"""What a build is judged by: all suites, those in use, and the samples people read, measured beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import duckdb

from contracts.contract import Contract
from contracts.exports import ExportDeclaration
from expectations.suite import Suite
from expectations.suites import (
    announced_drift,
    clauses,
    contradictions,
    coverage,
    driver_stack,
    renamed_tags,
    stated_counts,
    structural,
    tag_texts,
    witnesses,
)
from orchestration.metrics.validation import measure
from orchestration.stores import Stores
from signals.declared import signal_names

_IN_USE = """
    select distinct 'coverage_' || source from marts.exports
    union all select 'witnesses_' || source from marts.coverage_witnesses group by source
        having bool_or(witness not in ('manifest', 'declared')) or count(distinct witness) > 1
    union all select distinct 'contradictions_' || source from marts.coverage_contradictions
    union all select distinct 'stated_counts_' || source from marts.stated_counts
    union all select distinct 'driver_stack' from counted.movement_parts
    union all select distinct 'announced_drift' from counted.metric_drift where announced is not null
    union all select distinct 'renamed_tags' from marts.renamed_tags
    union all select distinct 'tag_texts' from marts.tag_texts
"""


@dataclass(frozen=True)
class Judging:
    """
    The suites of a project. `always` are asked of every build, `sometimes` where there is anything to ask:
    coverage of sources that have ever sent an export, witnesses where any speaks, stated counts of those that
    sent pages, the driver stack where a metric moved.
    """

    bounds: Mapping[str, float]
    always: tuple[Suite, ...]
    sometimes: tuple[Suite, ...]
    of_metrics: tuple[Suite, ...]

    @property
    def suites(self) -> tuple[Suite, ...]:
        return (*self.always, *self.sometimes, *self.of_metrics)

    def in_use(self, stores: Stores) -> list[Suite]:
        """Those that the candidate gives reason to ask."""
        with duckdb.connect(str(stores.candidate), read_only=True) as connection:
            names = {name for (name,) in connection.execute(_IN_USE).fetchall()}
        return [
            *self.always,
            *(each for each in self.sometimes if each.name in names),
            *self.of_metrics,
        ]


def judging(
    manifest: Mapping[str, Any],
    declarations: Sequence[ExportDeclaration],
    contracts: Sequence[Contract],
    now: datetime | None = None,
) -> Judging:
    """All suites of the project as it stands; `now` is when freshness is asked, if not when they are run."""
    bounds = _coverage_bounds(manifest)
    stating = sorted({each.source for each in declarations if "stated" in each.expected})
    sometimes = (
        *coverage(bounds),
        *witnesses(bounds),
        *contradictions(list(bounds)),
        *stated_counts(stating),
        driver_stack(),
        announced_drift(),
        renamed_tags(),
        tag_texts(),
    )
    return Judging(
        bounds,
        _owned(manifest, structural(signal_names(manifest))),
        _owned(manifest, sometimes),
        tuple(clauses(contracts, now)),
    )


def _owned(manifest: Mapping[str, Any], suites: Iterable[Suite]) -> tuple[Suite, ...]:
    """Whoever answers for a model answers for what is judged of it."""
    owners = {group["name"]: group["owner"]["name"] for group in manifest["groups"].values()}
    models = {
        f"{node['schema']}.{node['name']}": node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }
    judged = [(suite, models[suite.relation]) for suite in suites]
    return tuple(
        replace(suite, owner=owners[model["group"]], file=model["original_file_path"])
        for suite, model in judged
    )


def _coverage_bounds(manifest: Mapping[str, Any]) -> dict[str, float]:
    """The share each source's coverage must exceed, as its YAML declares it."""
    bounds = {}
    for source in manifest["sources"].values():
        declared = source.get("source_meta") or {}
        if "coverage" in declared:
            bounds[source["source_name"]] = float(declared["coverage"]["above"])
    return bounds


def measure_samples(stores: Stores, contracts: Sequence[Contract]) -> None:
    """What people said of metrics stands in the ledger: it is measured when all else that is judged was built."""
    with duckdb.connect(str(stores.candidate)) as connection:
        connection.execute(f"attach '{stores.work}' as work (read_only)")
        measure(connection, contracts)

"""What dashboards and decisions use: dbt's exposures, each held to the purpose it declares."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from contracts.contract import Contract
from contracts.errors import did_you_mean
from contracts.purposes import VIEWS

READ_BY_ALL = frozenset(
    {
        "metric_values",
        "metric_counts",
        "metric_corrections",
        "metric_membership",
        "metric_evidence",
        "metric_movements",
        "driver_stack",
    }
)
"""Marts that hold every metric, whatever it is licensed for."""


def exposure_problems(
    manifest: Mapping[str, Any], contracts: Sequence[Contract], purposes: Mapping[str, Any]
) -> dict[str, list[str]]:
    """
    What is wrong with the exposures of a manifest, by file: a metric used outside its licence above all.

    An exposure that uses no metric is somebody else's. `purposes` are the declared ones with what is declared.
    """
    by_name = {each.metric: each for each in contracts}
    found: dict[str, list[str]] = {}
    for exposure in manifest.get("exposures", {}).values():
        said = list(_problems(exposure, by_name, manifest["nodes"], purposes))
        if said:
            found.setdefault(exposure["original_file_path"], []).extend(said)
    return found


def _problems(
    exposure: Mapping[str, Any],
    contracts: Mapping[str, Contract],
    nodes: Mapping[str, Any],
    purposes: Mapping[str, Any],
) -> Iterator[str]:
    used = [nodes[each]["name"] for each in exposure["depends_on"]["nodes"] if each in nodes]
    views = {
        f"{purpose}__{view}": purpose
        for purpose in purposes
        for view in VIEWS
        if f"{purpose}__{view}" in used
    }
    metrics = [contracts[each] for each in used if each in contracts]
    everything = sorted(READ_BY_ALL & set(used))
    if not (metrics or views or everything):
        return
    meta = {**(exposure.get("meta") or {}), **(exposure.get("config", {}).get("meta") or {})}
    key, purpose = f"{exposure['name']}.config.meta.purpose", meta.get("purpose")
    if purpose is None:
        yield f"{key} is missing: write what the numbers are used for, one of {', '.join(purposes)}."
        return
    if purpose not in purposes:
        yield f"{key} is {purpose}, which is no purpose.{did_you_mean(str(purpose), purposes)}"
        return
    yield from _outside_its_licence(exposure["name"], purpose, metrics)
    yield from _others_views(exposure["name"], purpose, views, everything, purposes)


def _outside_its_licence(name: str, purpose: str, metrics: Collection[Contract]) -> Iterator[str]:
    for metric in metrics:
        use = metric.decision_use
        if use is None or purpose not in use.allowed:
            may = ", ".join(use.allowed) if use else "nothing: it has no decision_use"
            yield (
                f"{name} uses {metric.metric} for {purpose}, which its contract does not allow. "
                f"It may serve {may}."
            )


def _others_views(
    name: str,
    purpose: str,
    views: Mapping[str, str],
    everything: Sequence[str],
    purposes: Mapping[str, Any],
) -> Iterator[str]:
    for view, other in views.items():
        if other != purpose:
            yield f"{name} reads {view} for {purpose}: read {view.replace(other, purpose, 1)}."
    if purposes[purpose].get("own_file"):
        for mart in everything:
            yield f"{name} reads {mart}, which holds what {purpose} may not see: read {purpose}__metric_values."

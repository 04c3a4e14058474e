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
        "metric_tags",
        "metric_membership",
        "metric_evidence",
        "metric_movements",
        "movement_parts",
        "driver_stack",
        "stacked_parts",
        "metric_drift",
        "drift",
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
    told = {f"{purpose}__{view}": purpose for purpose in purposes for view in VIEWS}
    graph = {
        **manifest["nodes"],
        # an exposure may name dbt's own metric, which leads to the model of the same contract
        **manifest.get("metrics", {}),
        **manifest.get("semantic_models", {}),
    }
    ends = by_name.keys() | told.keys() | READ_BY_ALL
    found: dict[str, list[str]] = {}
    for exposure in manifest.get("exposures", {}).values():
        used = _used(exposure, graph, ends)
        said = list(_problems(exposure, used, by_name, told, purposes))
        if said:
            found.setdefault(exposure["original_file_path"], []).extend(said)
    return found


def _used(
    exposure: Mapping[str, Any], graph: Mapping[str, Any], ends: Collection[str]
) -> dict[str, str]:
    """
    What of `ends` an exposure comes to read, and through which models in between: ` through a, b`, or nothing.

    The way ends there: a purpose's view has been licensed, and what a mart of all metrics is made of is no news.
    """
    used: dict[str, str] = {}
    ways: list[tuple[str, tuple[str, ...]]] = [
        (each, ()) for each in exposure["depends_on"]["nodes"]
    ]
    seen = set[str]()
    while ways:
        unique_id, through = ways.pop(0)
        if unique_id in seen or unique_id not in graph:
            continue
        seen.add(unique_id)
        node = graph[unique_id]
        is_model = node["resource_type"] == "model"
        if is_model and node["name"] in ends:
            used[node["name"]] = f" through {', '.join(through)}" if through else ""
        else:
            below = (*through, node["name"]) if is_model else through
            ways += [(above, below) for above in node["depends_on"].get("nodes", ())]
    return used


def _problems(
    exposure: Mapping[str, Any],
    used: Mapping[str, str],
    contracts: Mapping[str, Contract],
    told: Mapping[str, str],
    purposes: Mapping[str, Any],
) -> Iterator[str]:
    views = {view: purpose for view, purpose in told.items() if view in used}
    metrics = [contracts[each] for each in used if each in contracts]
    everything = sorted(READ_BY_ALL & used.keys())
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
    name = exposure["name"]
    yield from _outside_its_licence(name, purpose, metrics, used)
    for view, other in views.items():
        if other != purpose:
            yield f"{name} reads {view}{used[view]} for {purpose}: read {view.replace(other, purpose, 1)}."
    if purposes[purpose].get("own_file"):
        for mart in everything:
            yield (
                f"{name} reads {mart}{used[mart]}, which holds what {purpose} may not see: "
                f"read {purpose}__metric_values."
            )


def _outside_its_licence(
    name: str, purpose: str, metrics: Collection[Contract], used: Mapping[str, str]
) -> Iterator[str]:
    for metric in metrics:
        use = metric.decision_use
        if use is None or purpose not in use.allowed:
            may = ", ".join(use.allowed) if use else "nothing: it has no decision_use"
            yield (
                f"{name} uses {metric.metric}{used[metric.metric]} for {purpose}, which its contract does not "
                f"allow. It may serve {may}."
            )

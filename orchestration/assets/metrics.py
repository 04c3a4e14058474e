"""What a metric's asset tells once its standing is settled and readers have it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration import warehouse
from orchestration.assets.marts import LAYERS
from orchestration.metrics.faults import metric_nodes
from orchestration.metrics.overview import read_overview
from orchestration.publishing import open_published
from orchestration.rows import Row, told

SHOWN = ("active", "provisional")
"""Whose value is told: a draft is not for leaders, and what is withheld has none."""

_SAMPLED = """
select metric, coalesce(contract::json ->> '$.drill_down.validation.signal', metric) as sampled
from marts.metric_contracts
"""
"""What a person reads to validate a metric: the signal it rests on, else its own units."""


def observations(published: Path) -> Iterator[dg.AssetObservation]:
    """How every metric stands in a published build. Views are built before the audit, so they cannot say it."""
    manifest = warehouse.read_manifest()
    nodes = [manifest["nodes"][name] for name in metric_nodes(manifest)]
    with open_published(published) as connection:
        rows = {row["metric"]: row for row in read_overview(connection)}
        sampled = {row["metric"]: row["sampled"] for row in told(connection, _SAMPLED)}
    for node in nodes:
        if row := rows.get(node["name"]):
            yield dg.AssetObservation(
                LAYERS.get_asset_key(node),
                description=f"{row['title']}: {row['status']}",
                metadata=metadata(row, sampled[node["name"]]),
            )


def metadata(row: Row, sampled: str) -> dict[str, Any]:
    """What the asset shows of a row of the overview."""
    found: dict[str, Any] = {
        "status": row["status"],
        "version": row["version"] or "none",
        "reasons": "; ".join(row["status_reasons"] or []) or "none",
        "coverage": "not measured" if row["coverage"] is None else row["coverage"],
        "owner": f"{row['owner'] or 'nobody'} <{row['owner_email'] or 'no address'}>",
        "next step": _next_step(row, sampled),
    }
    if row["status"] in SHOWN and row["value"] is not None:
        found |= {
            "last value": float(row["value"]),
            "unit": row["unit"],
            "period": f"{row['cadence']} of {row['period_start']}",
        }
    return found


def _next_step(row: Row, sampled: str) -> str:
    if row["status"] == "retired":
        return "None: it is not reported any more."
    if row["status"] == "active":
        return f"Review it when its next period has ended, on {row['next_review_on']}."
    if row["status"] != "withheld" and not row["is_validated"]:
        return f"Have people read its sample: assay validate sample {sampled}"
    return "Put right what the reasons name, and run again."

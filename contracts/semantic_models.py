"""A metric as MetricFlow reads it: sums and percentiles over its units, in periods of the business."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from contracts.contract import DIMENSIONS, Contract
from contracts.page import markdown

FOLDER = Path(__file__).parents[1] / "dbt_project" / "models" / "semantic"
METRICS = FOLDER.with_name("metrics")

SHARED = (*DIMENSIONS, "source")
"""
What units of every metric may be grouped by. To MetricFlow they are entities: a dimension belongs to one
metric, and two metrics could not be asked for side by side.
"""

MOMENT = "occurred_at at time zone '{{ var(\"business_time_zone\") }}'"
MOMENT_OF_HOURS = "occurred_at at time zone 'UTC'"
"""Periods are cut where `metric_values` cuts them: at the wall time of the business, and hours at that of UTC."""

PERCENTILES = {"median": 0.5, "p90": 0.9}


def file_of(metric: str) -> Path:
    """Where a metric's semantic model is kept."""
    return FOLDER / f"{metric}.yml"


def left_over() -> list[Path]:
    """Semantic models of metrics that are no more: dbt cannot parse a project that names a model it has not."""
    metrics = {path.stem for path in METRICS.rglob("*.sql")}
    return sorted(path for path in FOLDER.glob("*.yml") if path.stem not in metrics)


def semantic_model(contract: Contract) -> str:
    """The YAML of a metric's semantic model and of its metrics. A contract that defines nothing has none: ''."""
    if contract.definition is None:
        return ""
    document = {
        "semantic_models": [
            {
                "name": contract.metric,
                "model": f"ref('{contract.metric}')",
                "defaults": {"agg_time_dimension": "occurred_at"},
                "config": {"group": contract.group},
                "entities": [
                    {"name": contract.metric, "type": "primary", "expr": "unit_id"},
                    *({"name": name, "type": "foreign"} for name in SHARED),
                ],
                "dimensions": _dimensions(contract.definition.cadence),
                "measures": _measures(contract.metric, contract.definition.value),
            }
        ],
        "metrics": _metrics(contract, contract.definition.value),
    }
    text = yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=1000
    )  # fmt: skip
    return f"# Written from the contract of {contract.metric} by `make generated`.\n{text}"


def _dimensions(cadence: str) -> list[dict[str, Any]]:
    moment = {
        "name": "occurred_at",
        "type": "time",
        "type_params": {"time_granularity": "hour" if cadence == "hour" else "day"},
        "expr": MOMENT_OF_HOURS if cadence == "hour" else MOMENT,
    }
    return [moment, {"name": "state", "type": "categorical"}]


def _measures(metric: str, value: str) -> list[dict[str, Any]]:
    if value in PERCENTILES:
        continuous = {"percentile": PERCENTILES[value], "use_discrete_percentile": False}
        return [
            {
                "name": f"{metric}_measure",
                "agg": "percentile",
                "expr": "measure",
                "agg_params": continuous,
            }
        ]
    parts = ("numerator",) if value == "count" else ("numerator", "denominator")
    return [{"name": f"{metric}_{part}", "agg": "sum", "expr": part} for part in parts]


def _metrics(contract: Contract, value: str) -> list[dict[str, Any]]:
    """The metric itself, and where it is a ratio of sums, what it is a ratio of."""
    metric = contract.metric
    # what dbt's documentation shows of a metric
    told = {"name": metric, "label": contract.title, "description": _plain(markdown(contract))}
    if value in PERCENTILES or value == "count":
        measure = f"{metric}_{'numerator' if value == 'count' else 'measure'}"
        return [{**told, "type": "simple", "type_params": {"measure": measure}, **_owned(contract)}]
    parts = {part: f"{metric}_{part}" for part in ("numerator", "denominator")}
    return [
        {**told, "type": "ratio", "type_params": parts, **_owned(contract)},
        *(
            {
                "name": name,
                "label": f"{contract.title}: {part}",
                "type": "simple",
                "type_params": {"measure": name},
                **_owned(contract),
            }
            for part, name in parts.items()
        ),
    ]


def _owned(contract: Contract) -> dict[str, Any]:
    return {"config": {"group": contract.group}}


def _plain(text: str) -> str:
    """Text that dbt renders to itself: a description is a template to it."""
    return re.sub(r"\{(?=[{%#])", "{ ", text)


class _Dumper(yaml.SafeDumper):
    """YAML in which a page reads as one."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)

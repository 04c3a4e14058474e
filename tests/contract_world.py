"""A manifest with metrics, as dbt would write it, and one contract nothing is wrong with."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from contracts.contract import Contract
from contracts.reading import COLUMNS, Contracts, read_contracts

PURPOSES = ("board", "weekly_ops", "triage", "diagnostic")

WRITTEN: dict[str, Any] = {
    "version": "1.0.0",
    "title": "High-effort onboarding share",
    "definition": {
        "question": "Do new customers have to work hard to get going?",
        "included": "Conversations opened in a customer's first 30 days, with a known effort.",
        "excluded": "Customers without an account, and whatever is out of scope.",
        "window": "The week in which the conversation was opened.",
        "outputs": ["high", "medium", "low"],
        "cadence": "week",
        "value": "share",
        "unit": "share of conversations",
        "direction": "down",
        "indicator": "leading",
    },
    "data": {
        "system": "zendesk",
        "ingestion": "JSON export",
        "refresh": "Every morning at five, UTC.",
        "locked_fields": {
            "zendesk.tickets": {"id": "varchar", "created_at": "timestamptz"},
            "billing.accounts": {"started_at": "timestamptz"},
        },
        "excluded_fields": ["private comments"],
        "grace_hours": 24,
        "coverage": {"above": 0.95},
    },
    "decision_use": {
        "role": "leading",
        "allowed": ["weekly_ops"],
        "forbidden": ["board"],
    },
    "drift_controls": {"bounds": {"driver_mix": 0.2}, "new_version_above": 0.10},
    "drill_down": {
        "quotes": 3,
        "validation": {"signal": "customer_effort", "value": "high", "labels": 50, "kappa": 0.4},
    },
    "rollback": "Publish the version before and tell the owner.",
    "escalation": {"threshold": 0.35, "direction": "above", "periods": 2, "hours": 24},
    "actions": ["Call the customer's onboarding lead."],
}


def contract(**changed: Any) -> dict[str, Any]:
    """The contract with other values, at the top or, as `definition__unit`, inside. None leaves a key out."""
    written = copy.deepcopy(WRITTEN)
    for path, value in changed.items():
        *above, last = path.split("__")
        level = written
        for key in above:
            level = level[key]
        if value is None:
            del level[last]
        else:
            level[last] = value
    return written


def metric(
    name: str = "high_effort_onboarding_share",
    written: dict[str, Any] | None = None,
    group: str = "onboarding",
    **node: Any,
) -> dict[str, Any]:
    """A model as the manifest has it."""
    meta = {"metric_contract": contract() if written is None else written}
    return {
        "resource_type": "model",
        "name": name,
        "description": "Conversations of new customers whose effort is known.",
        "original_file_path": f"models/metrics/{name}.sql",
        "patch_path": f"assay://models/metrics/{name}.yml",
        "raw_code": "select conversation_id from counted",
        "config": {"group": group, "meta": meta},
        "columns": {column: {"data_type": kind} for column, kind in COLUMNS.items()},
        **node,
    }


def manifest(*metrics: dict[str, Any]) -> dict[str, Any]:
    """dbt's manifest with these metrics, two groups, one of them without an e-mail, and two sources."""
    return {
        "nodes": {f"model.assay.{each['name']}": each for each in metrics},
        "groups": {
            "group.assay.onboarding": _group("onboarding", "onboarding@example.com"),
            "group.assay.support": _group("support", "support@example.com"),
            "group.assay.nobody": _group("nobody", None),
        },
        "sources": {
            "source.assay.zendesk.tickets": {
                "source_name": "zendesk",
                "name": "tickets",
                "columns": {
                    "id": {"data_type": "varchar"},
                    "created_at": {"data_type": "timestamptz"},
                    "via": {"data_type": "struct(channel varchar, rel varchar)"},
                    "satisfaction_rating": {"data_type": "json"},
                },
                "config": {
                    "meta": {
                        "export": {
                            "format": "zendesk",
                            "record": "ticket",
                            "parts": {"satisfaction_rating.score": "varchar"},
                        }
                    }
                },
            },
            "source.assay.billing.accounts": {
                "source_name": "billing",
                "name": "accounts",
                "columns": {},
                "config": {
                    "meta": {
                        "export": {
                            "format": "csv",
                            "record": "account",
                            "roles": {"id": "Id", "started_at": "Since"},
                        }
                    }
                },
            },
        },
    }


def read(*metrics: dict[str, Any], purposes: tuple[str, ...] | None = PURPOSES) -> Contracts:
    """The contracts of a manifest with these metrics."""
    return read_contracts(
        manifest(*metrics),
        purposes,
        project=Path("nowhere"),
        signals=("customer_effort", "outcome"),
    )


def said(**changed: Any) -> list[str]:
    """The sentences about one metric whose contract is changed."""
    problems = read(metric(written=contract(**changed))).problems
    return [sentence for _, sentences in problems.values() for sentence in sentences]


def _group(name: str, email: str | None) -> dict[str, Any]:
    return {"name": name, "owner": {"name": name.title(), "email": email}}


def typed(metric: str, **changed: Any) -> Contract:
    """The contract of a metric as the strict reader types it, with what dbt knows of it."""
    known = {
        "metric": metric,
        "description": "A metric.",
        "group": "support",
        "owner": {"name": "Support", "email": "support@example.com"},
        "file": f"models/metrics/{metric}.yml",
        "columns": {},
    }
    return Contract.model_validate({**contract(**changed), **known})

"""The JSON Schema by which an editor completes and judges a metric's YAML while it is written."""

from __future__ import annotations

import json
from pathlib import Path

from contracts.contract import Promise

FILE = Path(__file__).with_name("metric_contract.schema.json")


def schema() -> str:
    """The schema of a model's YAML as far as contracts go; whatever else dbt allows stays allowed."""
    contract = Promise.model_json_schema()
    definitions = contract.pop("$defs")
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A metric and its contract",
        "type": "object",
        "properties": {"models": {"type": "array", "items": _under("config", "meta", contract)}},
        "$defs": definitions,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _under(config: str, meta: str, contract: dict) -> dict:
    level = {"type": "object", "properties": {"metric_contract": contract}}
    for key in (meta, config):
        level = {"type": "object", "properties": {key: level}}
    return level

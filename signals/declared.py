"""How a signal is declared: its question, its allowed values, and who answers it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.errors import ContractError, sentences


class _Strict(BaseModel):
    # dbt accepts any key under `meta`, so a misspelt one would be a promise nobody keeps.
    model_config = ConfigDict(frozen=True, extra="forbid")


class Signal(_Strict):
    """
    One declared signal. `callable` (module:function) is for python, `instructions` for llm.
    """

    name: str
    question: str
    values: tuple[str, ...]
    answered_by: Literal["rules", "llm", "python"]
    languages: tuple[str, ...] = ()
    version: str
    owner: str
    description: str = ""
    instructions: str = ""
    callable: str = ""
    otherwise: str | None = None
    rules: tuple[dict[str, Any], ...] = ()


def read_signals(manifest: Mapping[str, Any]) -> tuple[Signal, ...]:
    """
    Every signal that a model of dbt's manifest declares, by name.

    Raises ContractError with all problems of all files.
    """
    found: list[Signal] = []
    problems: dict[str, list[str]] = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model":
            continue
        for place, stated in enumerate(node["config"].get("meta", {}).get("signals", [])):
            file = (node.get("patch_path") or node["original_file_path"]).split("://")[-1]
            try:
                found.append(Signal(**stated))
            except ValidationError as error:
                key = f"{node['name']}.signals[{place}]"
                problems.setdefault(file, []).extend(sentences(error, key, Signal.model_fields))
    if problems:
        raise ContractError(problems)
    return tuple(sorted(found, key=lambda signal: signal.name))

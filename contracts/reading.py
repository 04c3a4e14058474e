"""Every metric's contract, read strictly from dbt's manifest: those that hold, what is wrong with others."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from contracts.contract import BESIDE, DIMENSIONS, Contract, LabelledSample, Owner, Promise
from contracts.declared_fields import Tables, declared_fields, field_problems
from contracts.errors import ContractError, did_you_mean, sentences
from contracts.page import LINES, too_long
from contracts.purposes import PROJECT
from contracts.repeated_keys import written_twice
from contracts.sql import sql_problems, unlabelled_signals

FOLDER = "models/metrics/"
"""Where metrics lie: a model there without a contract would be a number nobody promised anything of."""

KEY = "metric_contract"

COLUMNS: Mapping[str, str] = {
    "unit_id": "varchar",
    "conversation_id": "varchar",
    "occurred_at": "timestamptz",
    "numerator": "double",
    "denominator": "double",
    "measure": "double",
    "state": "varchar",
    "source": "varchar",
    "opened_on": "date",
    **dict.fromkeys(DIMENSIONS, "varchar"),
}
"""What every metric's view has, in this order: membership is a union of them."""


@dataclass(frozen=True)
class Contracts:
    """The contracts nothing is wrong with, by metric, and the problems of all others: their file and sentences."""

    contracts: tuple[Contract, ...]
    problems: Mapping[str, tuple[str, Sequence[str]]] = field(default_factory=dict)

    def required(self) -> tuple[Contract, ...]:
        """All of them. Raises ContractError with every problem of every file."""
        if self.problems:
            by_file: dict[str, list[str]] = {}
            for file, said in self.problems.values():
                by_file.setdefault(file, []).extend(said)
            raise ContractError(by_file)
        return self.contracts


def read_contracts(
    manifest: Mapping[str, Any],
    purposes: Collection[str] | None = None,
    project: Path = PROJECT,
    signals: Collection[str] | None = None,
) -> Contracts:
    """
    Read every metric of the manifest. Nothing raises for a bad contract: it has a problem.

    `purposes` and `signals` are those the project declares; without them no name of one is judged. `project`
    is where the models' YAML lies: the manifest does not tell what was written from what was inherited.
    """
    nodes = {node["name"]: node for node in manifest.get("nodes", {}).values() if is_metric(node)}
    groups = {group["name"]: group for group in manifest.get("groups", {}).values()}
    read, said = {}, {}
    for name, node in sorted(nodes.items()):
        read[name], said[name] = _read(node, groups, project)
    found = {name: contract for name, contract in read.items() if contract}
    for name, node in nodes.items():
        said[name] += sql_problems(node, manifest["nodes"])
    fields = declared_fields(manifest)
    for name, contract in found.items():
        said[name] += _beside_others(contract, found.values(), nodes, fields)
        said[name] += unlabelled_signals(nodes[name], contract, signals or ())
        said[name] += _unknown_names(contract, purposes, signals)
    return Contracts(
        contracts=tuple(contract for name, contract in found.items() if not said[name]),
        problems={name: (file_of(nodes[name]), said[name]) for name in nodes if said[name]},
    )


def is_metric(node: Mapping[str, Any]) -> bool:
    """Whether a node is a metric: a model in their folder, or one that carries a contract."""
    return node.get("resource_type") == "model" and (
        node.get("original_file_path", "").startswith(FOLDER) or KEY in _meta(node)
    )


def file_of(node: Mapping[str, Any]) -> str:
    """The YAML that describes a node, or where it has none, its SQL."""
    return str(node.get("patch_path") or node["original_file_path"]).split("://")[-1]


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**(node.get("meta") or {}), **(node.get("config", {}).get("meta") or {})}


def _read(
    node: Mapping[str, Any], groups: Mapping[str, Any], project: Path
) -> tuple[Contract | None, list[str]]:
    name, written = node["name"], _meta(node).get(KEY)
    key = f"{name}.{KEY}"
    if written is None:
        near = [one for one in _meta(node) if did_you_mean(one, [KEY])]
        instead = f" {near[0]} is not a known key. Did you mean {KEY}?" if near else ""
        return None, [f"{key} is missing: write it under config.meta of the model.{instead}"]
    if not _is_own(node, project):
        return None, [f"{key} is inherited or set in SQL: write it under config.meta of the model."]
    if not isinstance(written, Mapping):
        return None, [f"{key} is {written}: write a mapping with version, title and definition."]
    said = [
        f"{key}.{one} is dbt's: write it on the model, not here."
        for one in written
        if one in BESIDE
    ]
    stated = {one: value for one, value in written.items() if one not in BESIDE}
    columns = {
        one: str(it.get("data_type") or "") for one, it in (node.get("columns") or {}).items()
    }
    said += [*_owner_problems(node, groups), *_column_problems(name, columns)]
    if "__" in name:
        said.append(
            f"{name} holds two underscores in a row, which stand between a metric and its dimension: "
            f"write {re.sub('__+', '_', name)}."
        )
    said += [
        f"{file_of(node)}, line {line}: {again} is written twice in one mapping: leave one of them away."
        for line, again in written_twice(_written(node, project))
    ]
    if not (node.get("description") or "").strip():
        said.append(f"{name}.description is missing: write who reads it what one row is.")
    group = groups.get(_group(node), {})
    owner = group.get("owner") or {}
    try:
        Promise.model_validate(stated)
    except ValidationError as error:
        return None, said + sentences(error, key, Promise.model_fields, Promise)
    contract = Contract(
        **stated,
        metric=name,
        description=" ".join((node.get("description") or "").split()),
        group=_group(node),
        owner=Owner(name=owner.get("name") or _group(node), email=owner.get("email")),
        file=file_of(node),
        columns=columns,
    )
    threshold = contract.escalation.threshold
    if (one := contract.definition) and one.value == "share" and not 0 <= threshold <= 1:
        said.append(
            f"{key}.escalation.threshold is {threshold:g}: write a share between 0 and 1, as in 0.35."
        )
    if longer := too_long(contract):
        said.append(f"{key} fills {longer} lines of its page, which has {LINES}: write it shorter.")
    return contract, said


def _group(node: Mapping[str, Any]) -> str:
    return str(node.get("config", {}).get("group") or node.get("group") or "")


def _is_own(node: Mapping[str, Any], project: Path) -> bool:
    """Whether the contract stands in the model's own YAML. Where that cannot be opened, a patch must do."""
    if not node.get("patch_path"):
        return False
    text = _written(node, project)
    if text is None:
        return True
    for model in (yaml.safe_load(text) or {}).get("models") or ():
        if model.get("name") == node["name"]:
            meta = {**(model.get("meta") or {}), **((model.get("config") or {}).get("meta") or {})}
            return KEY in meta
    return False


def _written(node: Mapping[str, Any], project: Path) -> str | None:
    try:
        return (project / file_of(node)).read_text(encoding="utf-8")
    except OSError:
        return None


def _owner_problems(node: Mapping[str, Any], groups: Mapping[str, Any]) -> Iterator[str]:
    name, group = node["name"], _group(node)
    if not group:
        yield f"{name}.config.group is missing: write the group that owns it, one of {', '.join(sorted(groups))}."
    elif group not in groups:
        yield f"{name}.config.group is {group}, which is not declared.{did_you_mean(group, groups)}"
    elif not (groups[group].get("owner") or {}).get("email"):
        yield f"{name}.config.group is {group}, whose owner has no email: write one in _groups.yml."


def _column_problems(name: str, columns: Mapping[str, str]) -> Iterator[str]:
    for column, kind in COLUMNS.items():
        if column not in columns:
            yield f"{name}.columns has no {column}: declare it as {kind}."
        elif columns[column].lower() != kind:
            written = columns[column] or "without data_type"
            yield f"{name}.columns.{column} is {written}: declare it as {kind}."
    for column in columns:
        if column not in COLUMNS:
            yield f"{name}.columns has {column}, which no metric has.{did_you_mean(column, COLUMNS)}"
    if {*columns} == {*COLUMNS} and [*columns] != [*COLUMNS]:
        yield f"{name}.columns are in another order: write {', '.join(COLUMNS)}."


def _beside_others(
    contract: Contract,
    others: Collection[Contract],
    metrics: Collection[str],
    fields: Tables,
) -> Iterator[str]:
    """What can only be judged beside the other metrics and the sources."""
    key = f"{contract.metric}.{KEY}"
    for other in others:
        if other.metric != contract.metric and plain_title(other.title) == plain_title(
            contract.title
        ):
            yield f"{key}.title is {contract.title}, the title of {other.metric} too: write a longer one."
    if use := contract.decision_use:
        yield from _metric_named(contract, f"{key}.decision_use.guardrail", use.guardrail, metrics)
    if gone := contract.retired:
        yield from _metric_named(contract, f"{key}.retired.replaced_by", gone.replaced_by, metrics)
    if data := contract.data:
        sources = {table.split(".")[0] for table in fields}
        for system in data.systems:
            if system not in sources:
                near = did_you_mean(system, sources)
                yield f"{key}.data.system is {system}, which is not a source.{near}"
        yield from field_problems(f"{key}.data.locked_fields", data.locked_fields, fields)
        for table in data.may_be_absent:
            if table not in data.locked_fields:
                near = did_you_mean(table, data.locked_fields)
                yield f"{key}.data.may_be_absent names {table}, of which it locks no field.{near}"


def _unknown_names(
    contract: Contract, purposes: Collection[str] | None, signals: Collection[str] | None
) -> Iterator[str]:
    key, use, drill = f"{contract.metric}.{KEY}", contract.decision_use, contract.drill_down
    if purposes is not None and use:
        for word in ("allowed", "forbidden"):
            for purpose in getattr(use, word):
                if purpose not in purposes:
                    known = f"{did_you_mean(purpose, purposes)} Known: {', '.join(purposes)}."
                    yield f"{key}.decision_use.{word} holds {purpose}, which is no purpose.{known}"
    if signals is not None and drill and isinstance(drill.validation, LabelledSample):
        signal = drill.validation.signal
        if signal not in signals:
            known = f"{did_you_mean(signal, signals)} Known: {', '.join(signals)}."
            yield f"{key}.drill_down.validation.signal is {signal}, which is no signal.{known}"


def _metric_named(
    contract: Contract, key: str, named: str | None, metrics: Collection[str]
) -> Iterator[str]:
    if named == contract.metric:
        yield f"{key} is {named} itself: name another metric."
    elif named is not None and named not in metrics:
        yield f"{key} is {named}, which is not a metric.{did_you_mean(named, metrics)}"


def plain_title(title: str) -> str:
    """A title as compared: case and punctuation aside."""
    return " ".join(re.findall(r"\w+", title.lower()))

"""Asking for a new metric, line by line, until every answer can be kept; then writing its two files."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import duckdb
from pydantic import ValidationError

from contracts import drafting
from contracts.answers import answer, choices_of, locked_fields
from contracts.clause import Clause
from contracts.contract import (
    ConfirmedSample,
    DecisionUse,
    Definition,
    DrillDown,
    Escalation,
    LabelledSample,
    Promise,
)
from contracts.data import Coverage, Data
from contracts.declared_fields import Tables, declared_fields
from contracts.drift_controls import Bounds, DriftControls
from contracts.errors import did_you_mean, sentences
from contracts.lints.wording import names_a_time
from contracts.places import as_written
from contracts.reading import is_metric, plain_title
from orchestration import warehouse
from orchestration.build_plan import project_variables
from signals.declared import signal_names

Judge = Callable[[Any], None]
"""Says by a ValueError what is wrong with a value that its type allows."""

SEVEN = ("question", "included", "excluded", "window", "outputs", "cadence")
"""The lines that, after the name, must be writable in ten minutes."""


@dataclass(frozen=True)
class Known:
    """The names an answer may use, as the project declares them."""

    models: Collection[str]
    metrics: Collection[str]
    titles: Mapping[str, str]
    owners: Mapping[str, str]
    fields: Tables
    purposes: Collection[str]
    signals: Collection[str]

    @classmethod
    def from_project(cls) -> Known:
        """What dbt understood of the project as it stands."""
        manifest = warehouse.read_manifest()
        read = warehouse.read_metric_contracts(manifest)
        nodes = manifest["nodes"].values()
        groups = manifest["groups"].values()
        return cls(
            models={node["name"] for node in nodes},
            metrics={node["name"] for node in nodes if is_metric(node)},
            titles={plain_title(each.title): each.metric for each in read.contracts},
            owners={
                one["name"]: one["owner"]["email"] for one in groups if one["owner"].get("email")
            },
            fields=declared_fields(manifest),
            purposes=[*project_variables(warehouse.PROJECT).get("purposes", {})],
            signals=signal_names(manifest),
        )


def ask_and_write() -> str:
    """Ask everything, write `<metric>.sql` and `.yml`, and say which metric it is."""
    known = Known.from_project()
    click.echo("Seven lines first: name, question, included, excluded, window, outputs, cadence.")
    began = time.monotonic()
    metric = _prompt("metric name, as in refund_friction_share", lambda text: _name(text, known))
    seven = _ask(Definition, SEVEN, window=_has_a_time)
    minutes = max(1, math.ceil((time.monotonic() - began) / 60))
    promise = _rest(metric, seven, known)
    group = _owner(known)
    promise |= _clauses(known) | {"definition_minutes": minutes}
    _write(metric, group, promise)
    return metric


def _rest(metric: str, seven: dict[str, Any], known: Known) -> dict[str, Any]:
    click.echo("\nHow the value is read.")
    name = metric.replace("_", " ").capitalize()
    title = _prompt(f"title (Enter: {name})", lambda text: _title(text.strip() or name, known))
    others = [key for key in Definition.model_fields if key not in SEVEN]
    while True:
        definition = {**seven, **_ask(Definition, others)}
        if _holds(Definition, definition):
            ordered = {key: definition[key] for key in Definition.model_fields}
            return {"version": "1.0.0", "title": title, "definition": ordered}


def _owner(known: Known) -> str:
    click.echo("\nWho owns it: " + "; ".join(f"{name} ({it})" for name, it in known.owners.items()))
    return str(_prompt("owner", lambda text: _one_of("owner", text.strip(), known.owners)))


def _clauses(known: Known) -> dict[str, Any]:
    click.echo("\nWhere its records come from.")
    sources = {table.split(".")[0] for table in known.fields}
    data = _ask(Data, ["system"], system=_all_of("system", sources))
    data |= _ask(Data, ["ingestion", "refresh"])
    text = "locked fields, as in zendesk.tickets: id, created_at; billing.accounts: started_at"
    data["locked_fields"] = _prompt(text, lambda given: locked_fields(given, known.fields))
    data |= _ask(Data, ["excluded_fields", "grace_hours"])
    data["coverage"] = _ask(Coverage, ["above"])
    click.echo(f"\nWhat it may be used for: {', '.join(known.purposes)}.")
    purposes = _all_of("purpose", known.purposes)
    use = _whole(
        DecisionUse,
        allowed=purposes,
        forbidden=purposes,
        guardrail=_all_of("guardrail", known.metrics),
    )
    click.echo("\nHow far it may drift: at least one bound. What is not asked has a default.")
    asked = [key for key, field in Bounds.model_fields.items() if field.default is None]
    drift = {"bounds": _whole(Bounds, keys=asked), **_ask(DriftControls, ["new_version_above"])}
    click.echo("\nWhat stands under it.")
    return {
        "data": data,
        "decision_use": use,
        "drift_controls": drift,
        "drill_down": _evidence(known),
        **_when_it_goes_wrong(),
    }


def _evidence(known: Known) -> dict[str, Any]:
    found = _ask(DrillDown, ["quotes"])
    rests = _prompt(
        "signal it rests on (Enter: none, people confirm a sample of units)",
        lambda text: _one_of("signal", text.strip(), known.signals) if text.strip() else "",
    )
    if rests:
        keys = [key for key in LabelledSample.model_fields if key != "signal"]
        found["validation"] = _whole(LabelledSample, {"signal": rests}, keys)
    else:
        found["validation"] = _whole(ConfirmedSample)
    return found


def _when_it_goes_wrong() -> dict[str, Any]:
    click.echo("\nWhen it goes wrong.")
    found = _ask(Promise, ["rollback"])
    found["escalation"] = _whole(Escalation)
    found["actions"] = _prompt("actions: what is done then; several between semicolons", _actions)
    return found


def _whole(
    clause: type[Clause],
    given: Mapping[str, Any] | None = None,
    keys: Sequence[str] | None = None,
    **judges: Judge,
) -> dict[str, Any]:
    """A clause asked for until it holds as a whole."""
    while True:
        found = {**(given or {}), **_ask(clause, keys, **judges)}
        if _holds(clause, found):
            return found


def _holds(clause: type[Clause], found: Mapping[str, Any]) -> bool:
    try:
        clause.model_validate(found)
    except ValidationError as error:
        for sentence in sentences(error, clause.__name__.lower(), clause.model_fields, clause):
            click.echo(f"Error: {sentence}")
        return False
    return True


def _ask(
    clause: type[Clause], keys: Sequence[str] | None = None, **judges: Judge
) -> dict[str, Any]:
    """One question per key of a clause; what is left out is not written."""
    found = {}
    for key in keys or clause.model_fields:
        value = _prompt(_question(clause, key), _judged(clause, key, judges.get(key)))
        if value is not None and value != ():
            found[key] = list(value) if isinstance(value, tuple) else value
        elif clause.model_fields[key].is_required():
            found[key] = []
    return found


def _question(clause: type[Clause], key: str) -> str:
    field = clause.model_fields[key]
    if choices := choices_of(field):
        return f"{key}: {field.description} ({', '.join(choices)})"
    example = field.examples[0] if field.examples else ""
    if isinstance(example, list):
        example = "; ".join(map(as_written, example))
    left_out = "" if field.is_required() else " (Enter: none)"
    return f"{key}: {field.description}, as in {as_written(example)}{left_out}"


def _judged(clause: type[Clause], key: str, judge: Judge | None) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        value = answer(clause, key, text)
        if judge and value is not None:
            judge(value)
        return value

    return read


def _prompt(question: str, read: Callable[[str], Any]) -> Any:
    def judged(text: str) -> Any:
        try:
            return read(text)
        except ValueError as error:
            raise click.UsageError(str(error)) from None

    # an empty answer is judged like any other
    return click.prompt(question, default="", show_default=False, value_proc=judged)


def _name(text: str, known: Known) -> str:
    name = text.strip()
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise ValueError(
            f"name is {name or 'empty'}: write small letters, digits and single underscores, "
            "as in refund_friction_share."
        )
    reserved = (
        "select 1 from duckdb_keywords() where keyword_name = ? and keyword_category = 'reserved'"
    )
    if duckdb.execute(reserved, [name]).fetchall():
        raise ValueError(f"name is {name}, a word of SQL's own: write another, as in {name}_share.")
    taken = [path.name for path in _files(name) if path.exists()]
    if taken or name in known.models:
        raise ValueError(f"name is {name}, which there is already: write another.")
    return name


def _title(text: str, known: Known) -> str:
    if (metric := known.titles.get(plain_title(text))) is not None:
        raise ValueError(f"title is {text}, the title of {metric} too: write a longer one.")
    return str(answer(Promise, "title", text))


def _one_of(what: str, text: str, known: Collection[str]) -> str:
    if text not in known:
        near = did_you_mean(text, known)
        raise ValueError(f"{what} is {text or 'empty'}: write one of {', '.join(known)}.{near}")
    return text


def _all_of(what: str, known: Collection[str]) -> Judge:
    def judge(value: Any) -> None:
        for each in [value] if isinstance(value, str) else value:
            _one_of(what, each, sorted(known))

    return judge


def _has_a_time(window: str) -> None:
    if not names_a_time(window):
        raise ValueError(
            f"window is {window}, which names no time: write which moment puts a unit into a period."
        )


def _actions(text: str) -> list[str]:
    if not (found := list(answer(Promise, "actions", text))):
        raise ValueError("actions is empty: write what is done when the threshold is passed.")
    return found


def _files(metric: str) -> tuple[Path, Path]:
    folder = warehouse.PROJECT / "models" / "metrics"
    return folder / f"{metric}.sql", folder / f"{metric}.yml"


def _write(metric: str, group: str, promise: Mapping[str, Any]) -> None:
    sql, described = _files(metric)
    included = str(promise["definition"]["included"])
    sql.parent.mkdir(exist_ok=True)
    # mode x: a file that came to be while questions were asked is not overwritten
    with described.open("x", encoding="utf-8") as file:
        file.write(drafting.yaml_of(metric, included, group, promise))
    with sql.open("x", encoding="utf-8") as file:
        file.write(drafting.sql_of(included))

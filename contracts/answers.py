"""What a person answers to one line of a contract, read as its field wants it or refused with what to write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from contracts.clause import Clause
from contracts.declared_fields import Tables, field_problems
from contracts.lints.wording import is_undecided
from contracts.places import place


def answer(clause: type[Clause], key: str, text: str) -> Any:
    """The value of a clause's key that `text` stands for. Raises ValueError with a sentence."""
    field, text = clause.model_fields[key], text.strip()
    if not field.is_required() and not text:
        return field.get_default(call_default_factory=True)
    if "{{" in text or "{%" in text or "{#" in text:
        raise ValueError(f"{key} holds a mark of dbt's templates: write it without braces.")
    told = place(clause, [key]).to_write
    if not text or (
        _is_prose(field) and is_undecided(text) and not text.lower().startswith("none")
    ):
        raise ValueError(f"{key} is {text or 'empty'}{told}.")
    try:
        kind: Any = Annotated[field.annotation, *field.metadata, None]
        value = TypeAdapter(kind).validate_python(_as_typed(field, text))
    except ValidationError as error:
        if choices := choices_of(field):
            told = f": write one of {', '.join(choices)}"
        problem = error.errors()[0]
        if problem["type"] == "value_error":
            raise ValueError(f"{key} {problem['ctx']['error']}") from None
        raise ValueError(f"{key} is {text}{told}.") from None
    return int(value) if isinstance(value, float) and value.is_integer() else value


def choices_of(field: FieldInfo) -> tuple[str, ...]:
    """The words a field may be, where it is one of few."""
    return get_args(field.annotation) if get_origin(field.annotation) is Literal else ()


def locked_fields(text: str, declared: Tables) -> dict[str, dict[str, str]]:
    """
    The fields a text names, as `zendesk.tickets: id, created_at; billing.accounts: started_at`, with the types
    their sources declare. Raises ValueError with a sentence.
    """
    locked: dict[str, dict[str, str]] = {}
    for part in filter(None, map(str.strip, text.split(";"))):
        table, _, names = part.partition(":")
        fields = words(names)
        if not fields:
            raise ValueError(
                f"locked_fields is {part}: write source.table and its fields, as in zendesk.tickets: id."
            )
        known: Mapping[str, str] = declared.get(table.strip(), {})
        locked[table.strip()] = {field: known.get(field, "") for field in fields}
    if not locked:
        raise ValueError("locked_fields is empty: write at least one, as in zendesk.tickets: id.")
    if said := [*field_problems("locked_fields", locked, declared)]:
        raise ValueError(" ".join(said))
    return locked


def words(text: str) -> list[str]:
    """The items of a list as people write one, between semicolons or commas; a sentence keeps its commas."""
    text = text.strip()
    parts = text.split(";") if ";" in text or text.endswith(".") else text.split(",")
    return [part.strip() for part in parts if part.strip()]


def _as_typed(field: FieldInfo, text: str) -> Any:
    forms = (field.annotation, *get_args(field.annotation))
    is_list = any(get_origin(form) is tuple for form in forms)
    if is_list:
        found = words(text)
        # one source is written as a word, several as a list
        return found[0] if get_origin(field.annotation) is not tuple and len(found) == 1 else found
    if str in forms or choices_of(field):
        return text
    # a number as YAML would read it
    return yaml.safe_load(text) if re.fullmatch(r"[-+.\w]+", text) else text


def _is_prose(field: FieldInfo) -> bool:
    return field.annotation is str

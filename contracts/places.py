"""Where in a typed document a key lies, and what the document says should be written there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, Tag
from pydantic.fields import FieldInfo


@dataclass(frozen=True)
class Place:
    """The keys that lead there, the keys known beside the last of them, and the field if there is one."""

    path: tuple[str, ...]
    beside: tuple[str, ...] = ()
    field: FieldInfo | None = None

    @property
    def to_write(self) -> str:
        """What should be written there, as the end of a sentence; nothing where the document does not say."""
        if self.field is None or not self.field.description:
            return ""
        shown = [as_written(each) for each in self.field.examples or ()]
        return f": write {self.field.description}" + (f", as in {shown[0]}" if shown else "")


def place(document: type[BaseModel] | None, loc: Sequence[object]) -> Place:
    """The place pydantic calls `loc`. Its marks for the forms of a union are nobody's keys."""
    path: list[str] = []
    forms: dict[str | None, type[BaseModel]] = {None: document} if document else {}
    beside: tuple[str, ...] = ()
    field = None
    for part in map(str, loc):
        if part in forms:
            forms = {None: forms[part]}
            continue
        path.append(part)
        if level := forms.get(None):
            beside = tuple(level.model_fields)
            field = level.model_fields.get(part)
            forms = dict(_forms(field.annotation)) if field else {}
    return Place(tuple(path), beside, field)


def as_written(value: Any) -> str:
    """A value as it would stand in YAML, on one line."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(as_written, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {as_written(one)}' for key, one in value.items())}}}"
    return json.dumps(value)


def _forms(annotation: Any, tag: str | None = None) -> Iterator[tuple[str | None, type[BaseModel]]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield tag, annotation
    elif get_origin(annotation) is Annotated:
        inner, *told = get_args(annotation)
        named = [str(each.tag) for each in told if isinstance(each, Tag)]
        yield from _forms(inner, named[0] if named else tag)
    elif get_origin(annotation) is not dict:
        for each in get_args(annotation):
            yield from _forms(each, tag)

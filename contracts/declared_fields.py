"""The fields a source declares, as dbt's manifest tells them: what a contract may lock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.errors import did_you_mean
from contracts.records import ROLES

Tables = Mapping[str, Mapping[str, str]]
"""source.table -> field -> type."""


def declared_fields(manifest: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """
    Every table of a source with its fields.

    A CSV declares roles instead of columns; they have the types they are stored as. Read leniently: what
    is wrong with a declaration is told when exports are read.
    """
    found = {}
    for node in manifest.get("sources", {}).values():
        export = (node.get("config", {}).get("meta") or {}).get("export") or {}
        columns = node.get("columns") or {}
        fields = {name: str(one.get("data_type") or "") for name, one in columns.items()}
        parts = export.get("parts") if isinstance(export, Mapping) else None
        if isinstance(parts, Mapping):
            fields |= {str(part): str(kind) for part, kind in parts.items()}
        if isinstance(export, Mapping) and export.get("format") == "csv":
            known = ROLES.get(str(export.get("record")), {})
            fields = {role: known[role] for role in export.get("roles") or () if role in known}
        found[f"{node['source_name']}.{node['name']}"] = fields
    return found


def field_problems(key: str, locked: Tables, declared: Tables) -> Iterator[str]:
    """What is wrong with locked fields: a table, a field or a type that no source declares."""
    for table, fields in locked.items():
        if table not in declared:
            near = did_you_mean(table, declared)
            yield f"{key} names {table}, which no source declares: write source.table.{near}"
            continue
        for field, written in fields.items():
            known = declared[table]
            if field not in known:
                near = did_you_mean(field, known)
                yield f"{key}.{table} locks {field}, which its source does not declare.{near}"
            elif _plain(written) != _plain(known[field]):
                yield f"{key}.{table}.{field} is {written}: its source declares {known[field]}."
            elif (whole := field.partition(".")[0]) not in fields:
                yield f"{key}.{table} locks {field} and not {whole}, without which it is gone: lock both."


def _plain(kind: str) -> str:
    return "".join(kind.lower().split())

"""Where a JSON record departs from the declared types, asked of DuckDB record by record."""

from collections.abc import Iterator
from pathlib import Path

from contracts.exports import ExportDeclaration
from orchestration.exports.sql_text import Type, literal, name, parse_type

_ANY_VALUE = frozenset({"varchar", "json"})
"""Stored as text whatever they hold: volatile fields are declared so on purpose."""


def misfit(texts: Path, declared: ExportDeclaration, key: str | None) -> str:
    """
    A query for (position, reason) of each record that does not fit; reason is null where the
    text is no JSON. `texts` is NDJSON of {position, text}; `key` wraps the record, if any does.
    """
    record = f"json_extract(json, {literal('$.' + name(key))})" if key else "json"
    reasons = [
        f"case when {_is_twice()} then 'has the same key twice' end",
        *(
            f"case when {condition} then {_reason(field, kind)} end"
            for field, kind in declared.columns.items()
            for condition in _conditions(f"$.{name(field)}", parse_type(field, kind), False)
        ),
    ]
    return f"""
        with

        received as (

            select position, try_cast(text as json) as json
            from read_json(
                {literal(texts)}, format='newline_delimited', sample_size=1,
                columns={{position: 'bigint', text: 'varchar'}}, maximum_object_size={texts.stat().st_size + 1_024}
            )

        ),

        opened as (

            select position, {record} as record from received where json is not null

        ),

        objects as (

            select * from opened where json_type(record) = 'OBJECT'

        ),

        -- materialized: each of the many paths is followed once, not again by the filter
        judged as materialized (

            select position, coalesce({", ".join(reasons)}) as reason from objects

        )

        select position, null as reason from received where json is null
        union all
        select position, {_no_object(key)} from opened
        where json_type(record) is distinct from 'OBJECT'
        union all
        select position, reason from judged where reason is not null
    """


def _no_object(key: str | None) -> str:
    return literal(f"holds no {key}" if key else "is not a JSON object")


def _is_twice() -> str:
    return "len(json_keys(record)) <> len(list_distinct(json_keys(record)))"


def _reason(field: str, kind: str) -> str:
    found = (
        f"coalesce(left((json_extract(record, {literal('$.' + name(field))}))::varchar, 80), '')"
    )
    shown = kind if len(kind) <= 40 else kind.split("(")[0].strip() + "(…)"
    shown += "[]" if kind.endswith("[]") and not shown.endswith("[]") else ""
    return f"{literal(field + ' does not fit its declared type ' + shown + ': ')} || {found}"


def _conditions(path: str, kind: Type, is_many: bool) -> Iterator[str]:
    """Conditions that hold where a value at `path` would be lost; `is_many` below a list."""
    values = f"json_extract(record, {literal(path)})"
    values = values if is_many else f"[{values}]"
    if kind.element:
        yield _any(values, "json_type(x) not in ('NULL', 'ARRAY')")
        yield from _conditions(f"{path}[*]", kind.element, True)
    elif kind.fields:
        yield _any(values, "json_type(x) not in ('NULL', 'OBJECT')")
        for field, inner in kind.fields:
            yield from _conditions(f"{path}.{name(field)}", inner, is_many)
    elif kind.scalar not in _ANY_VALUE:
        yield _any(
            values, f"json_type(x) <> 'NULL' and try_cast(x ->> '$' as {kind.scalar}) is null"
        )


def _any(values: str, condition: str) -> str:
    return f"len(list_filter({values}, lambda x: x is not null and {condition})) > 0"

"""The two files a new metric begins with: its YAML with the contract, and SQL that counts nothing yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from contracts.reading import COLUMNS, KEY

SCHEMA = "# yaml-language-server: $schema=../../../contracts/metric_contract.schema.json\n"

NEVER_NULL = ("unit_id", "conversation_id", "occurred_at")

WIDTH = 110


class _Indented(yaml.SafeDumper):
    """Lists stand below their key, as dbt's documentation writes them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)


def yaml_of(metric: str, description: str, group: str, promise: Mapping[str, Any]) -> str:
    """The model's YAML, in the order in which people read a contract."""
    model = {
        "name": metric,
        "description": description,
        "config": {"group": group, "meta": {KEY: promise}},
    }
    # the innermost lists and mappings on one line, as they are written by hand
    written = yaml.dump(
        {"models": [model]},
        Dumper=_Indented,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
        width=WIDTH,
    )
    columns = "".join(f"      - {_column(name)}\n" for name in COLUMNS)
    return f"{SCHEMA}version: 2\n\n{written}    columns:\n{columns}"


def sql_of(included: str) -> str:
    """A view of the columns every metric has, without a row until somebody writes what counts."""
    return f"""\
-- Grain: one row per conversation. {" ".join(included.split())}
with

conversations as (

    select * from {{{{ ref('fct_measured') }}}}

)

select
    conversation_id as unit_id,
    conversation_id,
    opened_at as occurred_at,
    -- write what counts, and below who is included
    0::double as numerator,
    1::double as denominator,
    null::double as measure,
    null::varchar as state,
    {{{{ dimensions('conversations') }}}}
from conversations
where false
"""


def _column(name: str) -> str:
    never_null = ", constraints: [{type: not_null}]" if name in NEVER_NULL else ""
    return f"{{name: {name}, data_type: {COLUMNS[name]}{never_null}}}"

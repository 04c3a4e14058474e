"""Source fields: what a contract locks is still there, and still means what it meant when somebody stood by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.contract import Contract
from expectations.suite import Row, Suite, there_are_rows

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

RELATION = "marts.field_changes"


def source_fields(contract: Contract) -> Suite:
    """
    No locked field is beyond its bounds in an export that came after somebody last stood by the metric.

    A row of the relation is a change beyond the bound that the contract sets for its kind. A field of whose table
    nothing came since the launch is not measured, which says nothing against the metric.
    """
    return Suite(
        name=f"source_fields_{contract.metric}",
        clause="source fields",
        severity="warning",
        relation=RELATION,
        measurement=_measurement(contract),
        keys=("metric", "version", "period_start", "slice_kind", "slice", "file", "position", "kind", "before",
              "after", "measured", "bound", "exports"),
        expectations=_expectations,
        owner=contract.owner.name,
        metric=contract.metric,
        version=contract.version,
        bound="none beyond data.field_bounds",
        limit=0.0,
        when_silent=f"The contract of {contract.metric} locks no field, so none is compared.",
        remedy=remedy(contract.metric),
        tell=lambda row: f"{told(row)}{_since(row)}",
    )  # fmt: skip


def remedy(metric: str) -> str:
    """What somebody has to do about a changed field."""
    return (
        "Map the field in the YAML of its source and run again; or look at conversations of the file and, where "
        "the metric is right all the same, record it: "
        f"assay contract revalidate {metric} --reviewer NAME --saw TEXT"
    )


def told(row: Row) -> str:
    """What became of a field, as a sentence; `slice` names it by source and table."""
    return f"{row['file']}: {row['slice']} {_became(row)}."


def _became(row: Row) -> str:
    place = "" if row["position"] is None else f", from record {row['position']:,.0f} on"
    match row["kind"]:
        case "renamed":
            return f"is gone{place}; {row['after']} stands in its place"
        case "gone":
            return f"is gone{place}, and nothing stands in its place"
        case "retyped":
            share = f"{row['measured']:.0%} of its values"
            return f"was {row['before']} and is {row['after']} in {share}{place}"
        case "emptied":
            return f"has no value in {row['after']} of its records, {row['before']} before{place}"
        case "new values":
            share = f"{row['measured']:.0%} of its values"
            return f"holds {row['after']} in {share}; known are {row['before']}{place}"
    return (
        f"has moved by a factor of {row['measured']:.3g}: half of its values are above {row['after']}, "
        f"{row['before']} before"
    )


def _since(row: Row) -> str:
    more = int(row["exports"]) - 1
    shown = "export shows" if more == 1 else "exports show"
    return f" {more:,} more {shown} a change of it." if more else ""


def _measurement(contract: Contract) -> str:
    locked = [
        f"('{table.split('.', 1)[0]}', '{table.split('.', 1)[1]}', '{field}')"
        for table, fields in (contract.data.locked_fields if contract.data else {}).items()
        for field in fields
    ]
    # Great Expectations takes no query that begins with a common table
    return f"""\
select
    '{contract.metric}' as metric,
    '{contract.version}' as version,
    cast(null as date) as period_start,
    'field' as slice_kind,
    concat_ws('.', locked.source, locked.table_name, coalesce(changed.field, locked.field)) as slice,
    changed.file,
    changed.position,
    changed.kind,
    changed.before,
    changed.after,
    coalesce(changed.measured, received.compared) as measured,
    changed.bound,
    changed.exports

from (values {", ".join(locked) or "(null, null, null)"}) as locked (source, table_name, field)
left join (
    select
        *,
        count(*) over field as exports,
        row_number() over (field order by export_seq nulls last, file) as place
    from {RELATION}
    where metric = '{contract.metric}' and version = '{contract.version}' and not is_settled
    window field as (partition by source, table_name, field)
) as changed
    on locked.source = changed.source
        and locked.table_name = changed.table_name
        -- a part of a locked structure is locked with it
        and locked.field = split_part(changed.field, '.', 1)
        and changed.place = 1
left join (
    select exports.source, exports.table_name, cast(0 as double) as compared
    from marts.exports as exports
    inner join marts.metric_contracts as contracts
        on exports.loaded_at > contracts.published_at
    where contracts.metric = '{contract.metric}' and contracts.version = '{contract.version}'
    group by all
) as received
    on locked.source = received.source and locked.table_name = received.table_name
where locked.field is not null
order by changed.bound nulls last, changed.measured desc nulls last, slice
"""


def _expectations() -> list[Expectation]:
    from great_expectations import expectations as gxe

    return [
        there_are_rows(),
        gxe.ExpectColumnValuesToBeBetween(
            column="measured",
            min_value=0,
            max_value=0,
            description="no locked field has changed beyond its bounds",
        ),
    ]

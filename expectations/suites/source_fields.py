"""Source fields: what a contract locks is still there, and still means what it meant when somebody stood by it."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.contract import Contract
from expectations.suite import Row, Suite
from expectations.suites.of_metrics import held, of_metrics, promised

RELATION = "marts.field_changes"

MEASUREMENT = """\
select
    promised.metric,
    promised.version,
    null::date as period_start,
    'field' as slice_kind,
    concat_ws('.', promised.source, promised.table_name, coalesce(changed.field, promised.field)) as slice,
    coalesce(changed.measured, received.none_yet) as measured,
    coalesce(changed.bound, promised.bound) as bound,
    changed.file,
    changed.position,
    changed.kind,
    changed.before,
    changed.after,
    changed.exports

from {promised}
left join (
    select
        *,
        count(*) over field as exports,
        row_number() over (field order by export_seq nulls last, file) as place
    from {relation}
    where not is_settled
    window field as (partition by metric, version, source, table_name, field)
) as changed
    on promised.metric = changed.metric
        and promised.version = changed.version
        and promised.source = changed.source
        and promised.table_name = changed.table_name
        -- a part of a locked structure is locked with it
        and promised.field = split_part(changed.field, '.', 1)
        and changed.place = 1
left join (
    select distinct
        contracts.metric,
        contracts.version,
        exports.source,
        exports.table_name,
        0 as none_yet
    from marts.exports as exports
    inner join marts.metric_contracts as contracts
        on exports.loaded_at > contracts.published_at
) as received
    on promised.metric = received.metric
        and promised.version = received.version
        and promised.source = received.source
        and promised.table_name = received.table_name
order by
    changed.kind is null,
    changed.bound,
    measured desc nulls last,
    slice
"""


def source_fields(contracts: Sequence[Contract]) -> Suite:
    """
    No locked field is beyond its bounds in an export that came after somebody last stood by the metric.

    A row of the relation is a change beyond the bound that the contract sets for its kind. A field of whose table
    nothing came since the launch is not measured, which says nothing against the metric.
    """
    rows = [
        (each.metric, each.version, *table.split(".", 1), field, 0)
        for each in contracts
        for table, fields in (each.data.locked_fields if each.data else {}).items()
        for field in fields
    ]
    locking = {metric for metric, *_ in rows}
    return of_metrics(
        "source fields",
        [
            held(each, "none changed beyond data.field_bounds", 0.0, remedy(each.metric))
            for each in contracts
            if each.metric in locking
        ],
        "at most",
        ("file", "position", "kind", "before", "after", "exports"),
        relation=RELATION,
        measurement=MEASUREMENT.format(
            promised=promised("metric, version, source, table_name, field, bound", rows),
            relation=RELATION,
        ),
        when_silent="nothing came of its tables since its launch, so no locked field is compared",
        may_be_empty=True,
        tell=_sentence,
    )


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


def _sentence(row: Row) -> str:
    if row["measured"] is None:
        return "nothing came of its tables since its launch, so no locked field is compared"
    if not row["measured"]:
        return "no locked field has changed beyond its bounds"
    more = int(row["exports"]) - 1
    shown = "export shows" if more == 1 else "exports show"
    return f"{told(row)}{f' {more:,} more {shown} a change of it.' if more else ''}"

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
    case
        when changed.measured is not null then changed.measured
        when bool_or(not arrived.came and promised.is_needed = 1) over metric then null
        when bool_or(arrived.is_compared) over metric then 0
    end as measured,
    coalesce(changed.bound, promised.bound) as bound,
    changed.file,
    changed.position,
    changed.kind,
    changed.before,
    changed.after,
    changed.exports,
    bool_or(not arrived.came and promised.is_needed = 1) over metric as must_be_measured,
    array_to_string(
        list_sort(
            list(distinct arrived.full_name) filter (not arrived.came and promised.is_needed = 1) over metric
        ),
        ', '
    ) as never_came,
    array_to_string(
        list_sort(list(distinct arrived.full_name) filter (arrived.since = 0) over metric), ', '
    ) as brought_nothing,
    array_to_string(
        list_sort(
            list(distinct arrived.full_name) filter (arrived.since > 0 and not arrived.is_compared) over metric
        ),
        ', '
    ) as brought_few,
    promised.records

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
        and (promised.field = changed.field or starts_with(changed.field, promised.field || '.'))
        and changed.place = 1
left join (
    select
        locked.metric,
        locked.version,
        locked.source,
        locked.table_name,
        locked.source || '.' || locked.table_name as full_name,
        count(exports.source) > 0 as came,
        coalesce(sum(exports.seen) filter (exports.loaded_at > contracts.published_at), 0) as since,
        -- as many records as shares are told from, with as many before them that they are compared with
        coalesce(
            bool_or(
                exports.loaded_at > contracts.published_at
                and exports.seen >= locked.records
                and exports.kept_before >= locked.records
            ),
            false
        ) as is_compared
    from (select distinct metric, version, source, table_name, records from {promised}) as locked
    left join marts.metric_contracts as contracts
        on locked.metric = contracts.metric and locked.version = contracts.version
    left join (
        select
            *,
            sum(kept) over (
                partition by source, table_name
                order by loaded_at, file
                rows between unbounded preceding and 1 preceding
            ) as kept_before
        from marts.exports
        where status = 'loaded'
    ) as exports
        on locked.source = exports.source and locked.table_name = exports.table_name
    group by all
) as arrived
    on promised.metric = arrived.metric
        and promised.version = arrived.version
        and promised.source = arrived.source
        and promised.table_name = arrived.table_name
window metric as (partition by promised.metric)
order by
    changed.kind is null,
    changed.bound,
    measured desc nulls last,
    slice
"""


def source_fields(contracts: Sequence[Contract]) -> Suite:
    """
    No locked field is beyond its bounds in an export that came after somebody last stood by the metric.

    A row of the relation is a change beyond the bound that the contract sets for its kind. A metric of none of
    whose tables enough came since its launch is not measured, which says nothing against it; of some alone, they
    are named. A table that never came, and without which its contract does not let it be, speaks against it: what
    is in it cannot be told from what never happened.
    """
    rows = [
        (
            each.metric,
            each.version,
            *table.split(".", 1),
            field,
            0,
            each.data.field_bounds.records,
            table not in each.data.may_be_absent,
        )
        for each in contracts
        if each.data
        for table, fields in each.data.locked_fields.items()
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
        (
            *("file", "position", "kind", "before", "after", "exports"),
            *("never_came", "brought_nothing", "brought_few", "records"),
        ),
        relation=RELATION,
        measurement=MEASUREMENT.format(
            promised=promised(
                "metric, version, source, table_name, field, bound, records, is_needed", rows
            ),
            relation=RELATION,
        ),
        when_silent=NOTHING_CAME,
        may_be_empty=True,
        tell=_sentence,
    )


NOTHING_CAME = "nothing came of its tables since its launch, so no locked field is compared"


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
    if row["kind"] is not None:
        more = int(row["exports"]) - 1
        shown = "export shows" if more == 1 else "exports show"
        return f"{told(row)}{f' {more:,} more {shown} a change of it.' if more else ''}"
    if row["never_came"]:
        they, it = ("they", "them") if "," in row["never_came"] else ("it", "it")
        return (
            f"{row['never_came']} never came: what {they} would tell is counted as nothing. Load an export "
            f"of {it}, or name {it} in data.may_be_absent where the metric is right without {it}."
        )
    if row["measured"] is not None:
        aside = f"; {_not_compared(row)}" if row["brought_nothing"] or row["brought_few"] else ""
        return f"no locked field has changed beyond its bounds{aside}"
    return _not_compared(row) if row["brought_few"] else NOTHING_CAME


def _not_compared(row: Row) -> str:
    """Of which tables no field was compared since the launch, and why."""
    few = f"of {row['brought_few']} came too few records, fewer than {row['records']:,.0f} in each export"
    said = [
        *([f"nothing came of {row['brought_nothing']}"] if row["brought_nothing"] else []),
        *([few] if row["brought_few"] else []),
    ]
    return f"not compared since its launch: {'; '.join(said)}"

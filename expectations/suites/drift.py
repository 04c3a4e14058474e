"""Drift: what a metric counts is, within its contract's bounds, what it counted in the periods before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from contracts.contract import Contract
from expectations.suite import Row, Suite, there_are_rows
from expectations.suites.of_metrics import KEYS, held, of_metrics, promised

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

RELATION = "counted.metric_drift"
"""The view marts.drift leaves out what is withheld, which is not known before the audit."""

REMEDY = (
    "Read the conversations from before and after in marts.drift. If the change is real and known, write it into "
    "seeds/taxonomy/announced_changes.csv; if a tag, field or rule changed, mend that. A mix that stays is the "
    "baseline after as many periods as the contract names."
)

SILENT = (
    "too short a history, or too few units a period, for its drift to be measured: see not_measured"
    " in marts.drift"
)

TOLD = (
    "measure", "counterpart", "baseline", "current", "since", "moved_value", "is_reversed", "announced",
)  # fmt: skip
"""Columns of what drifted that its sentence is made of."""

_TOLD = ",\n".join(
    f"    drift.{name}::date as {name}" if name == "since" else f"    drift.{name}" for name in TOLD
)

MEASUREMENT = """\
select
    promised.metric,
    promised.version,
    drift.period_start::date as period_start,
    drift.slice_kind,
    coalesce(drift.slice, 'all') as slice,
    drift.measured,
    promised.bound,
    drift.unmeasured,
{told}

from {promised}
left join (
    select
        *,
        count(*) filter (bound is not null and measured is null) over (partition by metric, period_start)::double
            as unmeasured
    from {relation}
    qualify period_start = max(period_start) over (partition by metric)
) as drift
    on promised.metric = drift.metric
        and promised.version = drift.version
        and promised.bound_name = drift.bound_name
        -- what was announced is told as a note
        and not (drift.is_over and drift.announced is not null)
order by
    drift.measured / promised.bound desc nulls last,
    promised.metric,
    drift.measure
"""
"""Every metric's last complete period, a row per measure and bound."""

ANNOUNCED = f"""\
select
    metric,
    version,
    period_start::date as period_start,
    slice_kind,
    coalesce(slice, 'all') as slice,
    measured,
    bound,
{_TOLD},
    is_over::integer as is_over

from (
    from {RELATION}
    where bound is not null
    qualify period_start = max(period_start) over (partition by metric)
) as drift
where is_over and announced is not null
order by
    measured / bound desc,
    metric,
    measure
"""


def drift(contracts: Sequence[Contract]) -> Suite:
    """
    Nothing drifted further than the contract's bounds in the last complete period, of metrics with drift controls.

    A measure that could not be taken is null and not judged: the model says why that holds nothing
    against a metric. Of what was announced `announced_drift` tells.
    """
    controlled = [
        (each, each.drift_controls.bounds) for each in contracts if each.drift_controls is not None
    ]
    rows = [
        (each.metric, each.version, name, bound)
        for each, bounds in controlled
        for name, bound in bounds.model_dump(exclude_none=True).items()
    ]
    return of_metrics(
        "drift",
        [held(each, bounds.in_words(), None, REMEDY) for each, bounds in controlled],
        "at most",
        ("unmeasured", *TOLD),
        relation=RELATION,
        measurement=MEASUREMENT.format(
            promised=promised("metric, version, bound_name, bound", rows),
            relation=RELATION,
            told=_TOLD,
        ),
        when_silent=SILENT,
        may_be_empty=True,
        tell=_sentence,
    )


def announced_drift() -> Suite:
    """What drifted as somebody announced is told of every metric, as a note."""
    return Suite(
        name="announced_drift",
        clause="announced drift",
        severity="note",
        relation=RELATION,
        measurement=ANNOUNCED,
        keys=(*KEYS, *TOLD, "is_over"),
        expectations=_nothing_over,
        bound="no announced drift",
        when_silent="Nothing drifted that was announced.",
        may_be_empty=True,
        remedy=REMEDY,
        tell=lambda row: f"{row['metric']}, {_sentence(row)}",
    )


def _nothing_over() -> list[Expectation]:
    from great_expectations import expectations as gxe

    return [
        there_are_rows(),
        gxe.ExpectColumnValuesToBeBetween(
            column="is_over", max_value=0, description="nothing announced has drifted"
        ),
    ]


def _sentence(row: Row) -> str:
    if row["measured"] is None:
        return SILENT
    period = f"period from {str(row['period_start'])[:10]}"
    if row["measured"] <= row["bound"]:
        return (
            f"{period}: nothing beyond its bound; the most, {row['measure'].replace('_', ' ')}, is "
            f"{row['measured']:.3g} where {row['bound']:g} is allowed{_unmeasured(row)}"
        )
    return f"{period}: {moved(row)}"


def _unmeasured(row: Row) -> str:
    if not row["unmeasured"]:
        return ""
    return f"; {row['unmeasured']:.0f} not measured, see not_measured in marts.drift"


def moved(row: Row) -> str:
    """What moved, since when, what it did to the metric, and what was announced: of a row of marts.drift."""
    since = f" since {row['since']}" if row["since"] else ""
    announced = f" Announced: {row['announced']}." if row["announced"] else ""
    return f"{_what(row)}{since}.{_effect(row)}{announced}"


def _what(row: Row) -> str:
    measure, before, now, bound = row["measure"], row["baseline"], row["current"], row["bound"]
    kind = (row["slice_kind"] or "").replace("_", " ")
    if measure == "volume":
        return f"{now:,.0f} units counted, and {before:,.0f} are usual: more than {bound:.0%} apart"
    if measure == "unmapped_share":
        return f"{now:.1%} are without a known tag, above {bound:.1%}, after {before:.1%}"
    if measure == "unmapped_creep":
        return f"the share without a known tag crept from {before:.1%} to {now:.1%}"
    if measure in ("creep", "value_creep"):
        return f"its value crept from {before:.4g} to {now:.4g}"
    most = f"{kind} {row['slice']} went from {before:.1%} to {now:.1%}"
    most += f", {row['counterpart']} the other way" if row["counterpart"] else ""
    if measure.endswith("_shift"):
        return f"{most}, by {row['measured']:.1%} where {bound:.1%} is allowed"
    return f"the mix by {kind} has an index of {row['measured']:.2f}, above {bound:g}: {most}"


def _effect(row: Row) -> str:
    if row["moved_value"] is None or row["measure"].endswith("creep"):
        return ""
    reversed_ = ", against the way it had gone with its mix unchanged" if row["is_reversed"] else ""
    return f" The mix alone moved the value by {row['moved_value']:+.3g}{reversed_}."

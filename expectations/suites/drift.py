"""Drift: what a metric counts is, within its contract's bounds, what it counted in the periods before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from contracts.contract import Bounds, Contract
from expectations.suite import RULES_OUT_SILENCE, Row, Suite, there_are_rows

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

RELATION = "counted.metric_drift"
"""The view marts.drift leaves out what is withheld, which is not known before the audit."""

REMEDY = (
    "Read the conversations from before and after in marts.drift. If the change is real and known, write it into "
    "seeds/taxonomy/announced_changes.csv; if a tag, field or rule changed, mend that. A mix that stays is the "
    "baseline after as many periods as the contract names."
)

BOUND_OF = {"_shift": "member_shift", "unmapped_creep": "creep"}
"""Measures that share a bound, by how they end; the others have one of their own name."""


def _measurement(announced: bool) -> str:
    """
    Every metric's last complete period, a row per measure; each bound has a column of its own.

    That column is 0 where the row tells of another bound: null is "not measured".
    """
    shared = " ".join(
        f"when ends_with(measure, '{end}') then '{bound}'" for end, bound in BOUND_OF.items()
    )
    columns = ",\n    ".join(
        f"case when bound_name = '{name}' then measured else 0 end as {name}"
        for name in Bounds.model_fields
    )
    return f"""\
select
    metric,
    version,
    period_start::date as period_start,
    measure,
    slice_kind,
    coalesce(slice, 'all') as slice,
    counterpart,
    measured,
    baseline,
    current,
    since::date as since,
    moved_value,
    is_reversed,
    bound,
    announced,
    is_over::integer as is_over,
    measured / bound as of_bound,
    {columns}

from (
    select *, case {shared} else measure end as bound_name
    from {RELATION}
    where bound is not null
    qualify period_start = max(period_start) over (partition by metric)
)
where {"is_over and announced is not null" if announced else "not (is_over and announced is not null)"}
order by of_bound desc nulls last, metric, measure
"""


KEYS = (
    "metric", "version", "period_start", "slice_kind", "slice", "measure", "counterpart", "measured", "baseline",
    "current", "since", "moved_value", "is_reversed", "bound", "announced", "is_over", *Bounds.model_fields,
)  # fmt: skip

MEASUREMENT, ANNOUNCED = _measurement(announced=False), _measurement(announced=True)


def drift(contract: Contract) -> Suite | None:
    """
    Nothing drifted further than the contract's bounds in the last complete period; None where it has no controls.

    A measure that could not be taken is null and not judged: the model says why that holds nothing
    against a metric. Of what was announced `announced_drift` tells.
    """
    if contract.drift_controls is None:
        return None
    bounds = contract.drift_controls.bounds.model_dump(exclude_none=True)
    return _suite(
        name=f"drift_{contract.metric}",
        severity="warning",
        measurement=MEASUREMENT,
        expectations=lambda: _expectations(contract.metric, bounds),
        owner=contract.owner.name,
        metric=contract.metric,
        version=contract.version,
        bound=", ".join(f"{name} {bound:g}" for name, bound in bounds.items()),
        when_silent=(
            f"{contract.metric} has too short a history, or too few units a period, for its drift to be "
            "measured: see not_measured in marts.drift."
        ),
    )


def announced_drift(owner: str | None = None) -> Suite:
    """What drifted as somebody announced is told of every metric, as a note."""
    return _suite(
        name="announced_drift",
        severity="note",
        measurement=ANNOUNCED,
        expectations=_nothing_over,
        owner=owner,
        bound="no announced drift",
        when_silent="Nothing drifted that was announced.",
    )


def _suite(**of_one: Any) -> Suite:
    return Suite(
        clause="drift",
        relation=RELATION,
        keys=KEYS,
        may_be_empty=True,
        remedy=REMEDY,
        tell=_sentence,
        **of_one,
    )


def _expectations(metric: str, bounds: Mapping[str, float]) -> list[Expectation]:
    from great_expectations import expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    of_metric = Column("metric") == metric
    return [
        there_are_rows(),
        # its observed value is the worst there is, as a share of its bound; all null has none
        gxe.ExpectColumnMaxToBeBetween(
            column="of_bound",
            min_value=0,
            row_condition=of_metric,
            meta=RULES_OUT_SILENCE,
            description="drift is measured",
        ),
        *(
            gxe.ExpectColumnValuesToBeBetween(
                column=name,
                max_value=bound,
                row_condition=of_metric,
                description=f"{name.replace('_', ' ')} is at most {bound:g}",
            )
            for name, bound in bounds.items()
        ),
    ]


def _nothing_over() -> list[Expectation]:
    from great_expectations import expectations as gxe

    return [
        there_are_rows(),
        gxe.ExpectColumnValuesToBeBetween(
            column="is_over", max_value=0, description="nothing announced has drifted"
        ),
    ]


def _sentence(row: Row) -> str:
    return f"{row['metric']}, period from {row['period_start']}: {moved(row)}"


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

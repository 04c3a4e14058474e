"""The Driver Stack: under every reported movement stand a signal, a driver, a canonical tag and a quote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.suite import Row, Suite, there_are_rows

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

RELATION = "counted.stacked_parts"
"""The view marts.driver_stack leaves out what is withheld, which is not known before the audit."""

LAYERS = {
    "signal": "signal is null or stack.signal_value is null",
    "driver": "driver is null",
    "canonical tag": "canonical_tag is null",
    "quote": "quote is null",
}
"""Each layer, and when it is missing. Whether there is a quote is asked, never what it says."""

MEASUREMENT = f"""\
select
    moved.metric,
    moved.version,
    moved.period_start::date as period_start,
    'driver' as slice_kind,
    coalesce(stack.driver, 'none') as slice,
    stack.segment,
    stack.rank,
    {" + ".join(f"(stack.{when})::integer" for when in LAYERS.values())} as layers_missing,
    concat_ws(', ', {", ".join(f"case when stack.{when} then '{layer}' end" for layer, when in LAYERS.items())})
        as missing

from (
    select distinct metric, version, period_start
    from counted.movement_parts
    where kind = 'cell' and part != 0
) as moved
left join {RELATION} as stack
    on moved.metric = stack.metric and moved.period_start = stack.period_start
order by layers_missing desc, moved.metric, stack.rank
"""


def driver_stack() -> Suite:
    """No layer is missing under a movement's largest parts. What is, is said of the metric it is missing of."""
    return Suite(
        name="driver_stack",
        clause="driver stack",
        severity="warning",
        relation=RELATION,
        measurement=MEASUREMENT,
        keys=("metric", "version", "period_start", "slice_kind", "slice", "segment", "rank",
              "layers_missing", "missing"),
        expectations=_expectations,
        bound="no layer missing",
        limit=0.0,
        may_be_empty=True,
        when_silent="No metric moved between two complete periods, so no driver stack is reported.",
        remedy=(
            "Look at the named driver's conversations: without a quote nobody wrote a word in them, without a "
            "canonical tag or signal the model that tells it left them out."
        ),
        tell=_sentence,
    )  # fmt: skip


def _expectations() -> list[Expectation]:
    from great_expectations import expectations as gxe

    return [
        there_are_rows(),
        gxe.ExpectColumnValuesToBeBetween(
            column="layers_missing",
            min_value=0,
            max_value=0,
            description="signal, driver, canonical tag and quote stand under every part reported",
        ),
    ]


def _sentence(row: Row) -> str:
    if row["rank"] is None:
        return f"{row['metric']} moved in the period from {row['period_start']}, and no driver stack tells why."
    return (
        f"{row['metric']}, period from {row['period_start']}: under part {row['rank']:.0f} of its movement, "
        f"driver {row['slice']} in segment {row['segment']}, the driver stack lacks: {row['missing']}."
    )

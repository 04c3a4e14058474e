"""Every conversation has one driver, so drivers add up: shares to one, counts to all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.suite import Suite, there_are_rows

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

ROUNDING = 1e-9
"""Shares are doubles: summing a thousand of them loses some 1e-13, one lost conversation in a
slice of a hundred million 1e-8."""

SLICE = ("cadence", "period_start", "channel", "queue", "segment", "language")

SHARES = f"""\
select
    {", ".join(SLICE)},
    sum(share) as share_total

from marts.rollup_drivers
group by all
order by {", ".join(SLICE)}
"""

TOTALS = """\
select
    (select count(*) from marts.fct_conversations where is_in_scope) as in_scope,
    (select sum(conversations) from marts.rollup_drivers where cadence = 'day') as rolled_up

where exists (select 1 from marts.fct_conversations where is_in_scope)
"""


def driver_shares() -> Suite:
    """The shares of the drivers in each slice of `marts.rollup_drivers` sum to one."""
    return Suite(
        name="driver_shares",
        clause="shares of drivers sum to 1",
        severity="blocking",
        relation="marts.rollup_drivers",
        measurement=SHARES,
        keys=SLICE,
        expectations=_shares,
        may_be_empty=True,
        when_silent="marts.rollup_drivers is empty: no conversation is in scope.",
        remedy="Drivers of the named slice are missing or counted twice in rollup_drivers.",
    )


def driver_totals() -> Suite:
    """The conversations of all drivers over all days are those in scope, each counted once."""
    return Suite(
        name="driver_totals",
        clause="every conversation in scope is counted under one driver",
        severity="blocking",
        relation="marts.rollup_drivers",
        measurement=TOTALS,
        keys=("in_scope", "rolled_up"),
        expectations=_totals,
        may_be_empty=True,
        when_silent="No conversation is in scope, so there is nothing to roll up.",
        remedy=(
            "Compare marts.rollup_drivers (cadence day) with marts.fct_conversations by "
            "opened_on: a join drops or multiplies conversations."
        ),
    )


def _shares() -> list[Expectation]:
    from great_expectations import expectations as gxe

    return [
        there_are_rows(),
        gxe.ExpectColumnValuesToNotBeNull(
            column="share_total", description="every slice has shares"
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="share_total",
            min_value=1 - ROUNDING,
            max_value=1 + ROUNDING,
            description="the shares of a slice sum to one",
        ),
    ]


def _totals() -> list[Expectation]:
    from great_expectations import expectations as gxe

    return [
        there_are_rows(),
        gxe.ExpectColumnValuesToNotBeNull(
            column="rolled_up", description="conversations are rolled up by day"
        ),
        gxe.ExpectColumnPairValuesToBeEqual(
            column_A="in_scope",
            column_B="rolled_up",
            ignore_row_if="either_value_is_missing",
            description="conversations under drivers are the conversations in scope",
        ),
    ]

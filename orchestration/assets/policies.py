"""How soon a metric, and every table it rests on, must be renewed in Dagster: as its contract says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import dagster as dg

from contracts.contract import Contract
from expectations.suites.freshness import window


def policy(contracts: Iterable[Contract]) -> dg.FreshnessPolicy | None:
    """The shortest window of these metrics, that of a single one included; None where none has any."""
    windows = [found for each in contracts if (found := window(each))]
    return dg.FreshnessPolicy.time_window(fail_window=min(windows)) if windows else None


def resting_on(contracts: Sequence[Contract], source: str, table: str) -> list[Contract]:
    """
    The metrics that cannot do without a raw table: those that lock fields of it; and those that declare its source
    and lock none of its tables.
    """
    return [
        each
        for each in contracts
        if each.data
        and f"{source}.{table}" not in each.data.may_be_absent
        and (f"{source}.{table}" in each.data.locked_fields or _is_declared_whole(each, source))
    ]


def _is_declared_whole(contract: Contract, source: str) -> bool:
    data = contract.data
    return (
        data is not None
        and source in data.systems
        and not any(locked.startswith(f"{source}.") for locked in data.locked_fields)
    )

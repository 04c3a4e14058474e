"""A published number, found by what a person writes for it: a metric and a period."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import duckdb

from contracts.errors import did_you_mean
from orchestration.rows import Row, told

LAST = "last"
"""The last complete period with a value."""

NEAREST = 3
"""Periods named where the one asked for is not known."""

_CONTRACT = "from marts.metric_contracts where metric = ?"

_PERIODS = """
select
    counts.period_start, counts.period_end, counts.started_at, counts.ended_at, counts.is_complete,
    counts.value as as_counted, counts.coverage,
    shown.numerator, shown.denominator, shown.conversations, shown.is_small,
    shown.value, shown.value_corrected, shown.value_low, shown.value_high,
    shown.status, shown.status_reasons
from counted.metric_counts as counts
inner join marts.metric_values as shown using (metric, version, period_start, dimension, member)
where counts.metric = ? and counts.dimension = 'all'
order by counts.period_start
"""


class NumberError(Exception):
    """There is no such number; says what there is instead."""


@dataclass(frozen=True)
class Number:
    """
    One period of a metric, with its standing.

    `contract` is the row of marts.metric_contracts, `promise` what is written in it; `period` the row of the
    period, and `previous` that of the last period before it with a value, where there is one. `as_counted` is
    what a withheld number comes to as well: to tell its units apart, never to be shown.
    """

    metric: str
    contract: Row
    promise: dict[str, Any]
    period: Row
    previous: Row | None
    as_counted: float | None

    @property
    def is_withheld(self) -> bool:
        """Whether no number may be told of it, only that it is there."""
        return bool(self.period["status"] == "withheld")

    @property
    def relation(self) -> str:
        """The view of the metric's units."""
        return 'metrics."' + self.metric.replace('"', '""') + '"'

    @property
    def is_counted(self) -> str:
        """Whether the number rests on a unit, in SQL, as marts.metric_evidence takes it; may ask for $value."""
        by_measure = self.contract["value_kind"] in ("median", "p90")
        return "measure >= $value" if by_measure else "numerator > 0"

    def clause(self, *path: str) -> Any:
        """What the contract writes under a path of keys; None where it has no such clause."""
        found: Any = self.promise
        for key in path:
            found = (found or {}).get(key)
        return found


def find(connection: duckdb.DuckDBPyConnection, metric: str, written: str) -> Number:
    """
    The number of a metric in the period somebody wrote.

    Raises NumberError where the build has no such metric or period, naming what is nearest.
    """
    contract = _contract(connection, metric)
    periods = told(connection, _PERIODS, [metric])
    if not periods:
        why = "; ".join(contract["status_reasons"] or ()) or "no period has been counted"
        raise NumberError(f"{metric} has no numbers. It is {contract['status']}: {why}.")
    place = _place(periods, written, contract)
    counted = [row.pop("as_counted") for row in periods]
    earlier = [
        row for row, value in zip(periods[:place], counted, strict=False) if value is not None
    ]
    return Number(
        metric=metric,
        contract=contract,
        promise=json.loads(contract["contract"] or "{}"),
        period=periods[place],
        previous=earlier[-1] if earlier else None,
        as_counted=counted[place],
    )


def _contract(connection: duckdb.DuckDBPyConnection, metric: str) -> Row:
    found = told(connection, _CONTRACT, [metric])
    if found:
        return found[0]
    known = [
        row["metric"] for row in told(connection, "from marts.metric_contracts order by metric")
    ]
    if not known:
        raise NumberError("This build has no metrics.")
    near = did_you_mean(metric, known) or f" Known: {', '.join(known)}."
    raise NumberError(f"{metric} is not a metric.{near}")


def _place(periods: Sequence[Row], written: str, contract: Row) -> int:
    if written == LAST:
        # of what is withheld no period has a value
        done = [place for place, row in enumerate(periods) if row["is_complete"]]
        valued = [place for place in done if periods[place]["value"] is not None]
        if done:
            return (valued or done)[-1]
        raise NumberError(
            f"No period of {contract['metric']} is complete yet.{_known(periods[-NEAREST:])}"
        )
    span = _span(written)
    cadence = contract["cadence"]
    if span is None:
        raise NumberError(
            f"{written} is not a period: write a day as in 2026-09-21, a week as in 2026-W39, a month as in "
            f"2026-09, a quarter as in 2026-Q3, an hour of UTC as in 2026-09-21T14, or {LAST}."
        )
    kind, start = span
    for place, row in enumerate(periods):
        # a day names the period it lies in; anything longer only itself
        if row["period_start"] <= start < row["period_end"] and kind in (
            cadence,
            _NAMES_LONGER.get(cadence),
        ):
            return place
    by = "" if kind in (cadence, "day") else f" It is counted by the {cadence}."
    nearest = sorted(periods, key=lambda row: abs(row["period_start"] - start))[:NEAREST]
    known = _known(sorted(nearest, key=lambda row: row["period_start"]))
    raise NumberError(f"{contract['metric']} has no period {written}.{by}{known}")


_NAMES_LONGER = {"week": "day", "month": "day", "quarter": "day"}


def _known(periods: Sequence[Row]) -> str:
    hours = any(row["period_start"].hour for row in periods)
    named = [f"{row['period_start']:{'%Y-%m-%dT%H' if hours else '%Y-%m-%d'}}" for row in periods]
    return f" The nearest known: {', '.join(named)}."


_FORMS = {
    "hour": r"(\d{4})-(\d\d)-(\d\d)T(\d\d)(?::00)?",
    "day": r"(\d{4})-(\d\d)-(\d\d)",
    "week": r"(\d{4})-W(\d\d)",
    "month": r"(\d{4})-(\d\d)",
    "quarter": r"(\d{4})-Q([1-4])",
}


def _span(written: str) -> tuple[str, datetime] | None:
    """What kind of period was written, and when it starts by the clock its kind is cut by."""
    for kind, form in _FORMS.items():
        if found := re.fullmatch(form, written, re.IGNORECASE | re.ASCII):
            parts = [int(part) for part in found.groups()]
            try:
                return kind, _start(kind, parts)
            except (ValueError, OverflowError):
                return None
    return None


def _start(kind: str, parts: Sequence[int]) -> datetime:
    if kind == "week":
        return datetime.fromisocalendar(parts[0], parts[1], 1)
    if kind == "month":
        return datetime(parts[0], parts[1], 1)
    if kind == "quarter":
        return datetime(parts[0], 3 * parts[1] - 2, 1)
    return datetime(parts[0], parts[1], parts[2]) + timedelta(
        hours=parts[3] if kind == "hour" else 0
    )

"""Counts of metrics as the build has them, written period by period, and their drift by the model's own SQL."""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb
import pandas as pd

from contracts.drift_controls import Bounds, DriftControls
from contracts.macros import macros

CONTROLS = DriftControls(
    bounds=Bounds(driver_mix=0.2, segment_mix=0.2, unmapped_share=0.1), new_version_above=0.1
)
"""Those a contract has where it says the least that shipped ones say."""

FIRST = datetime(2026, 1, 5)


class Counts:
    """Cells as metric_counts has them, and what the very SQL of the model makes of them."""

    def __init__(self, value_kind: str = "share", cadence: str = "week", **controls: float) -> None:
        self.rows: list[tuple] = []
        self.value_kind, self.cadence = value_kind, cadence
        self.controls = CONTROLS.model_copy(update=controls)
        self.announced: list[tuple] = []
        self.published_at: datetime | None = None

    def period(self, metric: str, number: int, value: float | None = None, **mixes: dict) -> None:
        """A period's units by dimension and member: a number, or a numerator and a number."""
        step = {"week": timedelta(7), "day": timedelta(1)}[self.cadence]
        start = FIRST + number * step
        whole: tuple[float, int] = (0.0, 0)
        for dimension, members in mixes.items():
            cells = {
                member: counted if isinstance(counted, tuple) else (0.0, counted)
                for member, counted in members.items()
            }
            whole = tuple(map(sum, zip(*cells.values(), strict=True)))
            for member, (numerator, units) in cells.items():
                self._row(metric, start, dimension, member, numerator, units, None)
        share = whole[0] / whole[1] if whole[1] else None
        self._row(metric, start, "all", "all", *whole, share if value is None else value)

    def _row(self, metric, start, dimension, member, numerator, units, value) -> None:
        self.rows.append(
            (metric, "1.0.0", self.cadence, start, True, dimension, member, numerator, units, value, units)
        )  # fmt: skip

    def drifted(self) -> duckdb.DuckDBPyConnection:
        """A connection with the table `drifted`."""
        names = (
            "metric version cadence period_start is_complete dimension member numerator denominator value"
            " conversations"
        )  # fmt: skip
        # DuckDB finds it by its name in the query
        frame = pd.DataFrame(self.rows, columns=names.split())  # noqa: F841
        connection = duckdb.connect()
        connection.execute(
            "create table counts as select * replace (numerator::double as numerator, value::double as value,"
            " denominator::double as denominator, conversations::bigint as conversations) from frame"
        )
        connection.execute(
            "create table controls as select distinct metric, cadence, $kind as value_kind,"
            " $baseline::bigint as baseline_periods, $least::bigint as min_conversations,"
            " $errors::double as standard_errors, $published::timestamp as published_at from counts",
            {
                "published": self.published_at,
                "kind": self.value_kind,
                "baseline": self.controls.baseline,
                "least": self.controls.min_conversations,
                "errors": self.controls.standard_errors,
            },
        )
        bounds = self.controls.bounds.model_dump(exclude_none=True)
        connection.execute(
            "create table bounds as select metric, unnest($names) as bound_name, unnest($bounds) as bound"
            " from controls",
            {"names": list(bounds), "bounds": list(bounds.values())},
        )
        connection.execute(
            "create table announced (day date, scope varchar, what varchar, measure varchar, until date)"
        )
        for day, scope, what, *narrowed in self.announced:
            measure, until = narrowed or ("*", None)
            connection.execute(
                "insert into announced values (?, ?, ?, ?, ?)", [day, scope, what, measure, until]
            )
        sql = macros("metric_drift*").default__metric_drift(
            "counts", "controls", "bounds", "announced"
        )
        connection.execute(f"create table drifted as {sql}")
        return connection

    def found(self, metric: str, number: int, measure: str) -> dict:
        """One row."""
        step = {"week": timedelta(7), "day": timedelta(1)}[self.cadence]
        cursor = self.drifted().execute(
            "from drifted where metric = ? and period_start = ? and measure = ?",
            [metric, FIRST + number * step, measure],
        )
        (row,) = cursor.fetchall()
        return dict(zip([column[0] for column in cursor.description], row, strict=True))


def steady(periods: int = 4, **mixes: dict) -> Counts:
    """Periods alike: as many as a baseline has, unless told."""
    counts = Counts()
    for number in range(periods):
        counts.period("m", number, **mixes)
    return counts

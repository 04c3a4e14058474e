"""Reviews in Dagster: per cadence an asset whose partitions are reporting periods, to be opened again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import dagster as dg

from contracts.contract import Cadence
from orchestration.assets.published import published
from orchestration.publishing import open_published
from orchestration.rows import Row, told
from orchestration.stores import Stores

START = "2015-01-01"
"""The first day whose periods can be opened: exports of a pilot rarely reach further back."""

FIRST_HOUR = "2023-01-01-00:00"
"""The first hour: Dagster lists every partition, and of hours there are nine thousand a year."""

PERIODS: Mapping[Cadence, dg.TimeWindowPartitionsDefinition] = {
    "hour": dg.HourlyPartitionsDefinition(FIRST_HOUR),
    "day": dg.DailyPartitionsDefinition(START),
    "week": dg.WeeklyPartitionsDefinition(START, day_offset=1),
    "month": dg.MonthlyPartitionsDefinition(START),
    "quarter": dg.TimeWindowPartitionsDefinition(
        start=START, fmt="%Y-%m-%d", cron_schedule="0 0 1 1,4,7,10 *"
    ),
}
"""By every cadence a contract may have."""

_REVIEWED = """
select metric, clause, slice, state, measured, bound, status, value, detail, reviewed_at
from marts.reviews
where cadence = $cadence and period_start = $period
qualify row_number() over (partition by metric, version, clause order by reviewed_at desc) = 1
order by state = 'passed', metric, clause
"""

SHOWN = (
    "metric", "clause", "slice", "state", "measured", "bound", "status", "value", "detail", "reviewed_at",
)  # fmt: skip
"""Columns of a review as its page shows them."""


def _review(cadence: Cadence, periods: dg.TimeWindowPartitionsDefinition) -> dg.AssetsDefinition:
    @dg.asset(
        key=dg.AssetKey(["review", cadence]),
        group_name="review",
        partitions_def=periods,
        deps=[published],
        kinds={"duckdb"},
        owners=["data-engineering@example.com"],
        description=f"The checks of every metric reported by the {cadence}, as they stood for one {cadence}.",
    )
    def review(
        context: dg.AssetExecutionContext, stores: dg.ResourceParam[Stores]
    ) -> dg.MaterializeResult[Any]:
        # as the business's clock has it, which is how periods are kept
        period = context.partition_time_window.start.replace(tzinfo=None)
        rows: list[Row] = []
        if stores.pointer.exists():
            with open_published(stores.pointer) as connection:
                rows = told(connection, _REVIEWED, {"cadence": cadence, "period": period})
        return dg.MaterializeResult(
            metadata={
                "metrics": len({row["metric"] for row in rows}),
                "not passed": sum(row["state"] != "passed" for row in rows),
                "checks": dg.MetadataValue.md(_table(rows)),
            }
        )

    return review


def _table(rows: list[Row]) -> str:
    if not rows:
        return (
            "Nothing was reviewed for this period: no metric of this cadence was published with it."
        )
    lines = [SHOWN, ["---"] * len(SHOWN), *([_cell(row[name]) for name in SHOWN] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, float):
        return f"{value:.4g}"
    return " ".join(str(value if value is not None else "").replace("|", "\\|").split())


REVIEWS = [_review(cadence, periods) for cadence, periods in PERIODS.items()]

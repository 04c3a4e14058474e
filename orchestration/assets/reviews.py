"""Reviews in Dagster: per cadence an asset whose partitions are reporting periods, to be opened again."""

from datetime import datetime
from typing import Any

import dagster as dg

from orchestration.assets.published import published
from orchestration.publishing import open_published
from orchestration.rows import Row, told
from orchestration.stores import Stores

START = "2024-01-01"
"""The first period that can be opened: a Monday, and the first of a month."""

PERIODS: dict[str, dg.TimeWindowPartitionsDefinition] = {
    "day": dg.DailyPartitionsDefinition(START),
    "week": dg.WeeklyPartitionsDefinition(START, day_offset=1),
    "month": dg.MonthlyPartitionsDefinition(START),
}

_REVIEWED = """
select metric, clause, state, measured, bound, status, value, detail, reviewed_at
from marts.reviews
where cadence = $cadence and period_start::date = $period
qualify row_number() over (partition by metric, version, clause order by reviewed_at desc) = 1
order by state = 'passed', metric, clause
"""


def _review(cadence: str, periods: dg.TimeWindowPartitionsDefinition) -> dg.AssetsDefinition:
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
        period = datetime.fromisoformat(context.partition_key).date()
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
    lines = ["| metric | clause | state | finding |", "|---|---|---|---|"]
    for row in rows:
        finding = str(row["detail"]).replace("|", "\\|")
        lines.append(f"| {row['metric']} | {row['clause']} | {row['state']} | {finding} |")
    return "\n".join(lines)


REVIEWS = [_review(cadence, periods) for cadence, periods in PERIODS.items()]

"""What the checks came to for a period is kept, so that last month's can be opened again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from expectations.outcome import Outcome
from orchestration.assets.reviews import REVIEWS
from orchestration.ledger import Ledger
from orchestration.metrics.reviews import record_reviews
from orchestration.stores import Stores

HOLDS = Outcome(
    suite="coverage_of_metrics", clause="coverage", severity="warning", relation="counted.metric_counts",
    is_measured=True, passed=True, detail="holds", remedy="", blocks=False, metric="effort", version="1.0.0",
    measured=0.99, limit=0.95,
)  # fmt: skip
FAILS = replace(HOLDS, passed=False, detail="fails", measured=0.9)


@pytest.fixture
def reviewed(tmp_path: Path):
    """Outcomes, and the last complete week they are of -> all reviews so far."""
    with duckdb.connect() as candidate, Ledger.open(tmp_path / "ledger.duckdb") as ledger:
        candidate.execute(
            "create schema marts; create schema counted; create table marts.metric_contracts as"
            " select 'effort' as metric, '1.0.0' as version, 'active' as status"
        )

        def reviewed(outcomes: list[Outcome], week: str, is_published: bool = True) -> list[tuple]:
            candidate.execute(
                "create or replace table counted.metric_counts as select 'effort' as metric,"
                " '1.0.0' as version, 'week' as cadence, 'all' as dimension, true as is_complete,"
                f" timestamp '{week}' as period_start, 0.4 as value, 0.99 as coverage"
            )
            record_reviews(candidate, ledger, outcomes, is_published)
            return candidate.execute(
                "select period_start::date::varchar, state, value from marts.reviews order by reviewed_at"
            ).fetchall()

        reviewed.candidate = candidate
        yield reviewed


def test_a_review_is_kept_once_and_again_where_it_ended_otherwise(reviewed):
    first = ("2026-09-07", "passed", 0.4)
    assert reviewed([HOLDS], "2026-09-07") == [first]
    assert reviewed([HOLDS], "2026-09-07") == [first]
    assert reviewed([FAILS], "2026-09-07") == [first, ("2026-09-07", "failed", 0.4)]
    assert reviewed([FAILS], "2026-09-14")[2:] == [("2026-09-14", "failed", 0.4)]


def test_reviews_are_written_again_where_one_is_new_or_they_are_declared_otherwise(reviewed):
    def written() -> int:
        return reviewed.candidate.execute(
            "select table_oid from duckdb_tables() where table_name = 'reviews'"
        ).fetchone()[0]

    reviewed([HOLDS], "2026-09-07")
    first = written()
    reviewed([HOLDS], "2026-09-07")
    assert written() == first
    reviewed([FAILS], "2026-09-07")
    second = written()
    assert second != first
    # as an earlier version of this code left it
    reviewed.candidate.execute("comment on column marts.reviews.bound is 'Its bound.'")
    reviewed([FAILS], "2026-09-07")
    third = written()
    assert third != second
    reviewed.candidate.execute("alter table marts.reviews drop column bound")
    assert len(reviewed([FAILS], "2026-09-07")) == 2
    assert written() != third


def test_what_is_not_published_is_no_review_and_what_concerns_no_metric_neither(reviewed):
    assert reviewed([HOLDS], "2026-09-07", is_published=False) == []
    assert reviewed([replace(HOLDS, metric=None)], "2026-09-07") == []


def test_a_period_s_checks_are_opened_again_in_dagster(built):
    (week,) = (each for each in REVIEWS if each.key.path[-1] == "week")
    period = built.value(
        "select max(period_start)::date::varchar from marts.reviews where cadence = 'week'"
    )

    def opened(partition: str) -> dict[str, object]:
        ended = dg.materialize(
            [week],
            partition_key=partition,
            resources={"stores": dg.ResourceDefinition.hardcoded_resource(Stores.at(built.data))},
            raise_on_error=True,
        )
        (done,) = ended.asset_materializations_for_node(week.op.name)
        return {name: value.value for name, value in done.metadata.items()}

    metrics = built.value(
        f"select count(distinct metric) from marts.reviews where period_start = '{period}'"
    )
    found = opened(period)
    assert found["metrics"] == metrics > 5
    assert "| coverage | passed |" in found["checks"]
    assert opened("2024-01-01")["metrics"] == 0

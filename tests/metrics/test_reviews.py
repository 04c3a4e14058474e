"""What the checks came to for a period is kept, so that last month's can be opened again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import dagster as dg
import duckdb
import pytest

from contracts.contract import Cadence
from expectations.outcome import Outcome
from orchestration.assets.reviews import REVIEWS, SHOWN
from orchestration.ledger import REVIEWS as REVIEWED
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


def test_a_review_is_kept_again_where_another_slice_fails_or_another_finding_is_told(reviewed):
    def kept() -> list[tuple]:
        return reviewed.candidate.execute(
            "select slice, detail from marts.reviews order by reviewed_at"
        ).fetchall()

    queue = replace(FAILS, slice="queue=VIP", detail="nothing came of queue VIP")
    reviewed([queue], "2026-09-07")
    # of several the worst, which comes first
    reviewed([queue, replace(FAILS, slice="all")], "2026-09-07")
    reviewed([replace(queue, measured=0.8)], "2026-09-07")
    assert kept() == [("queue=VIP", "nothing came of queue VIP")]
    reviewed([replace(queue, slice="queue=Orders")], "2026-09-07")
    reviewed([replace(queue, slice="queue=Orders", detail="little came")], "2026-09-07")
    assert kept()[1:] == [
        ("queue=Orders", "nothing came of queue VIP"), ("queue=Orders", "little came"),
    ]  # fmt: skip
    # what it was before is news again
    reviewed([queue], "2026-09-07")
    assert len(kept()) == 4


def test_that_a_day_went_by_is_no_new_finding(reviewed):
    for told in ("stale: it is 9 days overdue", "stale: it is 1,010 days overdue"):
        assert len(reviewed([replace(FAILS, detail=told)], "2026-09-07")) == 1
    assert len(reviewed([replace(FAILS, detail="stale: 9 days overdue")], "2026-09-07")) == 2


def test_a_ledger_without_slices_is_brought_up_to_date_and_keeps_its_reviews(tmp_path):
    path = tmp_path / "ledger.duckdb"
    with Ledger.open(path) as ledger:
        ledger.connection.execute("insert into reviews (metric, state) values ('effort', 'failed')")
        ledger.connection.execute("alter table reviews drop column slice")
    with Ledger.open(path) as ledger:
        rows = ledger.connection.execute("select metric, state, slice from reviews").fetchall()
    assert rows == [("effort", "failed", None)]


def _opened(cadence: str, partition: str, data: Path) -> dict[str, object]:
    """What Dagster shows of a period that is opened."""
    (review,) = (each for each in REVIEWS if each.key.path[-1] == cadence)
    ended = dg.materialize(
        [review],
        partition_key=partition,
        resources={"stores": dg.ResourceDefinition.hardcoded_resource(Stores.at(data))},
    )
    (done,) = ended.asset_materializations_for_node(review.op.name)
    return {name: value.value for name, value in done.metadata.items()}


def test_every_cadence_a_contract_may_have_has_its_reviews():
    assert {each.key.path[-1] for each in REVIEWS} == set(get_args(Cadence))


@pytest.mark.parametrize(
    ("cadence", "period", "partition", "before"),
    [
        ("hour", "2023-05-07 13:00", "2023-05-07-13:00", "2023-05-07-12:00"),
        ("day", "2015-05-07", "2015-05-07", "2015-05-06"),
        ("week", "2019-12-30", "2019-12-30", "2019-12-23"),
        ("month", "2016-02-01", "2016-02-01", "2016-01-01"),
        ("quarter", "2017-10-01", "2017-10-01", "2017-07-01"),
    ],
)
def test_a_period_of_any_length_opens_with_all_that_was_found(
    tmp_path, cadence, period, partition, before
):
    stores = Stores.at(tmp_path)
    stores.pointer.parent.mkdir(parents=True)
    with duckdb.connect(str(stores.pointer)) as connection:
        connection.execute(
            f"create schema marts; create table marts.reviews ({REVIEWED});"
            "insert into marts.reviews by name select 'effort' as metric, '1.0.0' as version,"
            f" '{cadence}' as cadence, timestamp '{period}' as period_start, 'coverage' as clause,"
            " 'failed' as state, 0.875 as measured, 0.95 as bound, 'of VIP | came little' as detail,"
            " 'provisional' as status, 0.4 as value, 0.9 as coverage,"
            " timestamptz '2026-09-20 05:00:00+00' as reviewed_at, 'queue=VIP' as slice"
        )
    found = _opened(cadence, partition, tmp_path)
    assert (found["metrics"], found["not passed"]) == (1, 1)
    heading, _, row = found["checks"].splitlines()
    assert heading.strip("| ").split(" | ") == [*SHOWN]
    assert row == (
        "| effort | coverage | queue=VIP | failed | 0.875 | 0.95 | provisional | 0.4 | of VIP \\| came little"
        " | 2026-09-20 05:00 |"
    )
    assert _opened(cadence, before, tmp_path)["metrics"] == 0


def test_a_period_s_checks_are_opened_again_in_dagster(built):
    period = built.value(
        "select max(period_start)::date::varchar from marts.reviews where cadence = 'week'"
    )

    metrics = built.value(
        f"select count(distinct metric) from marts.reviews where period_start = '{period}'"
    )
    found = _opened("week", period, built.data)
    assert found["metrics"] == metrics > 5
    assert "| coverage |  | passed |" in found["checks"]
    assert _opened("week", "2024-01-01", built.data)["metrics"] == 0

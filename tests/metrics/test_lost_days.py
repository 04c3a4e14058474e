"""Days of which nothing arrived: no conversation tells of them, and yet every number of theirs says so."""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime

import pytest
from running import Built, assay

pytestmark = pytest.mark.worlds

METRIC = "high_effort_share"
LOST_DAY = date(2026, 9, 16)
LOST_FROM = date(2026, 9, 21)
"""A week that has ended, and the days after it."""


@pytest.fixture(scope="module")
def lost(world, tmp_path_factory) -> Built:
    """The small world, without the tickets opened on these days; how many to expect is stated all the same."""
    folder = tmp_path_factory.mktemp("lost")
    exports = folder / "exports"
    shutil.copytree(world, exports)
    for path in (exports / "zendesk").glob("tickets-*.ndjson"):
        tickets = path.read_text(encoding="utf-8").splitlines(keepends=True)
        opened = [_opened_on(json.loads(each)) for each in tickets]
        path.write_text("".join(
            text for text, day in zip(tickets, opened, strict=True)
            if day != LOST_DAY and day < LOST_FROM
        ), encoding="utf-8")  # fmt: skip
    ended = assay("run", "--exports", exports, data=folder / "data")
    assert ended.code == 0, ended.out + ended.err
    return Built(folder / "data", exports, ended)


def _opened_on(record: dict) -> date:
    return datetime.fromisoformat(record.get("ticket", record)["created_at"]).date()


def expected(lost: Built, *days: date) -> int:
    first, last = min(days), max(days)
    return lost.value(
        f"select sum(expected)::bigint from marts.coverage"
        f" where slice_kind = '' and day between '{first}' and '{last}'"
    )


def test_a_lost_day_lowers_the_coverage_of_its_week(lost):
    week = expected(lost, date(2026, 9, 14), date(2026, 9, 20))
    day = expected(lost, LOST_DAY)
    coverage = lost.value(
        "select coverage from marts.metric_values"
        f" where metric = '{METRIC}' and dimension = 'all' and period_start = '2026-09-14'"
    )
    assert 0 < day < week
    assert coverage == (week - day) / week


def test_a_lost_week_is_a_period_without_a_value_and_the_metric_stands_by_it(lost):
    ((value, conversations, coverage, is_complete),) = lost.rows(
        "select value, conversations, coverage, is_complete from counted.metric_counts"
        f" where metric = '{METRIC}' and dimension = 'all' and period_start = '{LOST_FROM}'"
    )
    assert (value, conversations, coverage, is_complete) == (None, 0, 0.0, True)
    assert lost.value(f"select coverage from marts.metric_contracts where metric = '{METRIC}'") == 0


def test_a_lost_week_is_defended_with_what_was_expected_of_it(lost):
    ended = assay("defend", METRIC, f"{LOST_FROM}", data=lost.data)
    assert (ended.code, ended.err) == (0, "")
    week = expected(lost, LOST_FROM, date(2026, 9, 27))
    assert f"0 of {week:,} conversations expected on the 7 days concerned" in ended.out

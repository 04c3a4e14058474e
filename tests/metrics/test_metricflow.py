"""A second reckoning: MetricFlow answers what metric_values says, from semantic models of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from running import ROOT, Ended, checkout

from orchestration.warehouse import DBT

ZONE = "Pacific/Auckland"
"""Half of a conversation's days begin on another day there than in UTC, and its clocks change twice a year."""

ANSWERS = Path(__file__).with_name("metricflow_answers.py")


@dataclass(frozen=True)
class Abroad:
    """A dbt project whose business is far from UTC, and the build it looks at."""

    project: Path
    data: Path

    def told(self, query: str) -> list[tuple]:
        with duckdb.connect(str(self.data / "work.duckdb"), read_only=True) as connection:
            connection.execute(f"attach '{self.data / 'candidate.duckdb'}' as candidate")
            return connection.execute(query).fetchall()

    def run(self, *command: object, said: str | None = None) -> Ended:
        done = subprocess.run(
            [*map(str, command)],
            input=said,
            env={**os.environ, "ASSAY_DATA": str(self.data), "DO_NOT_TRACK": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def abroad(built, tmp_path_factory) -> Abroad:
    """The small world with its metrics counted anew in another zone; what they count is as it was."""
    folder = tmp_path_factory.mktemp("abroad")
    project = checkout(folder) / "dbt_project"
    settings = project / "dbt_project.yml"
    text = settings.read_text()
    assert "business_time_zone: UTC" in text
    settings.write_text(text.replace("business_time_zone: UTC", f"business_time_zone: {ZONE}"))
    shutil.copytree(built.data, folder / "data", symlinks=True)
    there = Abroad(project, folder / "data")
    placed = ("--project-dir", project, "--profiles-dir", project)
    counted = ("path:models/metrics", "metric_counts", "time_spine")
    ended = there.run(DBT, "--quiet", "run", "--select", *counted, *placed)
    assert ended.code == 0, ended.out + ended.err
    return there


@pytest.fixture
def ask(abroad, tmp_path):
    """Ask MetricFlow: for each query its metrics and what to group by, the rows."""

    def asked(queries: list[dict]) -> list[list[list]]:
        answers = tmp_path / "answers.json"
        script = (sys.executable, ANSWERS, abroad.project, answers)
        ended = abroad.run(*script, said=json.dumps(queries))
        assert ended.code == 0, ended.out + ended.err
        return json.loads(answers.read_text())

    return asked


def known(abroad: Abroad, metric: str, dimension: str) -> dict[tuple[str, ...], float | None]:
    """What metric_values says of the periods and members in which something was counted."""
    rows = abroad.told(
        f"select strftime(period_start, '%Y-%m-%d %H:%M:%S'), member, value from candidate.marts.metric_values"
        f" where metric = '{metric}' and dimension = '{dimension}' and conversations > 0"
    )
    return {
        (period,) if dimension == "all" else (period, member): value
        for period, member, value in rows
    }


def test_metricflow_agrees_on_every_metric_in_every_period(abroad, ask):
    """
    Two reckonings of one number that share nothing but the units: sums, percentiles and where periods are cut.
    """
    metrics = abroad.told(
        "select distinct metric, cadence from candidate.marts.metric_values order by all"
    )
    assert len(metrics) == len([*(ROOT / "dbt_project/models/metrics").glob("*.sql")])
    queries = [
        (metric, dimension, {"metrics": [metric], "group_by": [f"metric_time__{cadence}", *by]})
        for metric, cadence in metrics
        for dimension, by in (("all", []), ("driver", ["driver"]))
    ]
    answered = ask([query for _, _, query in queries])
    for (metric, dimension, _), rows in zip(queries, answered, strict=True):
        found = {tuple(row[:-1]): row[-1] for row in rows}
        assert len(found) == len(rows)
        assert found == pytest.approx(known(abroad, metric, dimension), rel=0, abs=1e-12), metric


def test_metrics_are_asked_for_side_by_side(abroad, ask):
    metrics = ["high_effort_share", "csat_good_share"]
    (rows,) = ask([{"metrics": metrics, "group_by": ["metric_time__week", "driver"]}])
    for place, metric in enumerate(metrics, start=2):
        found = {(row[0], row[1]): row[place] for row in rows if row[place] is not None}
        assert found == pytest.approx(known(abroad, metric, "driver"), rel=0, abs=1e-12)


def test_the_time_spine_has_every_hour_of_the_business_in_which_a_unit_may_lie(abroad):
    spine = "(select hour_started_at from core.time_spine)"
    ((outside, units),) = abroad.told(
        f"select count(*) filter (hour not in {spine}), count(*)"
        f" from (select date_trunc('hour', occurred_at at time zone '{ZONE}')::timestamp as hour"
        " from candidate.marts.metric_membership)"
    )
    ((hours, different),) = abroad.told(
        "select count(*), count(distinct hour_started_at) from core.time_spine"
    )
    assert units > 0
    assert outside == 0
    assert hours == different
    assert hours % 24 == 0


def test_between_the_moments_of_a_period_lie_the_units_it_counts(abroad, tmp_path):
    """
    Of every metric, one of them by the hour, over two nights of changing clocks: evidence, movement and defence
    find the units of a period by its moments.
    """
    shutil.copytree(abroad.data, tmp_path / "data", symlinks=True)
    hourly = Abroad(abroad.project, tmp_path / "data")
    with duckdb.connect(str(hourly.data / "work.duckdb")) as connection:
        connection.execute(
            "update raw.contracts set cadence = 'hour' where metric = 'first_reply_minutes_median'"
        )
    placed = ("--project-dir", abroad.project, "--profiles-dir", abroad.project)
    ended = hourly.run(DBT, "--quiet", "run", "--select", "metric_counts", *placed)
    assert ended.code == 0, ended.out + ended.err
    counted = "(from candidate.counted.metric_counts where dimension = 'all')"
    assert hourly.told(
        f"select counts.metric, counts.period_start from {counted} as counts"
        " left join candidate.marts.metric_membership as units on counts.metric = units.metric"
        " and units.occurred_at >= counts.started_at and units.occurred_at < counts.ended_at"
        " group by all having count(units.unit_id) != any_value(counts.conversations)"
    ) == []  # fmt: skip
    ((hours, lengths),) = hourly.told(
        "select count(*), list(distinct ended_at - started_at)"
        f" from {counted} where cadence = 'hour'"
    )
    assert hours > 365 * 24
    assert lengths == [timedelta(hours=1)]

"""Whether a metric is fresh, on builds whose exports stopped."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime

import pytest
from running import Built, assay

from expectations.runner import judge
from expectations.suites.freshness import freshness
from orchestration.stores import Stores
from orchestration.warehouse import read_metric_contracts

STOPPED = datetime(2026, 7, 10, 5, tzinfo=UTC)
ASKED = datetime(2026, 10, 1, 12, tzinfo=UTC)
"""The day after the last conversation of the small world, and months before it is run: no export is late then."""


@pytest.mark.worlds
def test_exports_of_one_system_that_stop_make_the_metrics_of_both_stale_and_no_others(
    world, tmp_path
):
    exports, data = tmp_path / "exports", tmp_path / "data"
    shutil.copytree(world, exports)
    for file in (exports / "billing").iterdir():
        os.utime(file, (STOPPED.timestamp(), STOPPED.timestamp()))
    ended = assay("run", "--exports", exports, data=data)
    assert ended.code == 0, ended.out + ended.err
    built = Built(data, exports, ended)
    assert built.rows(
        "select told_by, loaded_until, has_ended from marts.source_freshness where source = 'billing'"
    ) == [("exports", STOPPED, False)]

    contracts = read_metric_contracts().contracts
    of_both = {each.metric for each in contracts if each.data and "billing" in each.data.systems}
    judged = judge(Stores.at(data).candidate, [freshness(contracts, ASKED)])
    stale = {each.metric: each for each in judged if each.passed is False}
    assert stale.keys() == of_both
    for outcome in stale.values():
        assert outcome.slice == "system=billing"
        assert outcome.detail.endswith("overdue: billing tells nothing after 2026-07-10")
    assert {each.metric for each in judged if each.passed} == {
        each.metric for each in contracts
    } - of_both

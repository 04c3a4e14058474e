"""When a metric is to be looked at again: as its next period ends, by the calendar."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from orchestration.metrics.overview import read_overview


@pytest.mark.parametrize(
    ("cadence", "start", "end", "review"),
    [
        ("day", "2026-08-31", "2026-09-01", date(2026, 9, 2)),
        ("week", "2026-08-31", "2026-09-07", date(2026, 9, 14)),
        # as many days on as the month before has would be the day after
        ("month", "2026-08-01", "2026-09-01", date(2026, 10, 1)),
        ("month", "2026-01-01", "2026-02-01", date(2026, 3, 1)),
        ("quarter", "2026-07-01", "2026-10-01", date(2027, 1, 1)),
    ],
)
def test_a_metric_is_reviewed_when_its_next_period_has_ended(cadence, start, end, review):
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            create schema marts;
            create view marts.metric_values as select
                'm' as metric, '1.0.0' as version, '{cadence}' as cadence, 'all' as dimension, true as is_complete,
                timestamp '{start}' as period_start, timestamp '{end}' as period_end,
                0.25 as value, null as value_corrected, null as value_low, null as value_high,
                40 as conversations, false as is_small, 1.0 as coverage, 'active' as status, [] as status_reasons;
            create view marts.metric_contracts as select
                'm' as metric, '1.0.0' as version, 'M' as title, 'active' as status, [] as status_reasons,
                'share' as value_kind, 'share' as unit, 'up' as direction, '{cadence}' as cadence,
                null as validation, true as is_validated, false as is_simulated, 30 as labels, 'Support' as owner,
                'support@example.com' as owner_email, now() as published_at;
            """
        )
        (row,) = read_overview(connection)
    assert row["next_review_on"] == review

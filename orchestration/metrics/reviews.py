"""Reviews: what the checks of a metric came to for a reporting period, kept so that it can be opened again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import duckdb

from expectations.checks import state
from expectations.outcome import Outcome
from orchestration.ledger import REVIEWS, Ledger
from orchestration.rows import append, renew

TABLE = "marts.reviews"

MEANINGS: Mapping[str, str] = {
    "metric": "Metric that was reviewed.",
    "version": "Version of its definition.",
    "cadence": "Length of its periods.",
    "period_start": "Start of the period it was the last complete one of.",
    "clause": "Clause that was judged.",
    "state": "passed, failed or not measured.",
    "measured": "What was measured.",
    "bound": "The number it was held against.",
    "detail": "The finding, a sentence.",
    "status": "How the metric stood then.",
    "value": "Its value of the period then.",
    "coverage": "Coverage of the period then.",
    "reviewed_at": "When it was judged. Of several for a period the last counts; the others stay on record.",
}

_COLUMNS = [" ".join(each.split()) for each in REVIEWS.split(",")]

_PERIODS = """
select
    counts.metric,
    counts.version,
    any_value(counts.cadence) as cadence,
    max(counts.period_start) as period_start,
    any_value(contracts.status) as status,
    arg_max_null(counts.value, counts.period_start) as value,
    arg_max_null(counts.coverage, counts.period_start) as coverage
from counted.metric_counts as counts
inner join marts.metric_contracts as contracts
    on counts.metric = contracts.metric and counts.version = contracts.version
where counts.dimension = 'all' and counts.is_complete
group by all
"""


def record_reviews(
    candidate: duckdb.DuckDBPyConnection,
    ledger: Ledger,
    outcomes: Iterable[Outcome],
    is_published: bool,
) -> None:
    """
    Note in the ledger how each clause ended for the last complete period of its metric, where that is new, and
    write `marts.reviews`. What is not published was shown to nobody, and is no review.
    """
    periods = {
        (metric, version): facts
        for metric, version, *facts in candidate.execute(_PERIODS).fetchall()
    }
    known = set(
        ledger.connection.execute(
            "select metric, version, period_start, clause, arg_max(state, reviewed_at)"
            " from reviews group by all"
        ).fetchall()
    )
    now, rows = datetime.now(UTC), {}
    for each in outcomes:
        if is_published and (facts := periods.get((each.metric, each.version))):
            cadence, period_start, status, value, coverage = facts
            key = (each.metric, each.version, period_start, each.clause)
            # of a clause that fails in several slices the worst comes first
            if key not in rows and (*key, state(each)) not in known:
                rows[key] = (
                    each.metric, each.version, cadence, period_start, each.clause, state(each),
                    each.measured, each.limit, each.detail, status, value, coverage, now,
                )  # fmt: skip
    append(ledger.connection, "reviews", list(rows.values()))
    meanings = dict(zip(_COLUMNS, MEANINGS.values(), strict=True))
    kept = ledger.connection.execute("from reviews order by reviewed_at, metric, clause").fetchall()
    grain = "Grain: metric × version × period × clause × review."
    renew(candidate, TABLE, grain, meanings, kept)

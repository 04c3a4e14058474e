"""Reviews: what the checks of a metric came to for a reporting period, kept so that it can be opened again."""

from __future__ import annotations

import re
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
    "slice": "Slice that failed, its kind and name: of several the worst.",
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


_LAST = """
select metric, version, period_start, clause, last.state, last.slice, last.detail
from (
    select
        metric, version, period_start, clause,
        arg_max({'state': state, 'slice': slice, 'detail': detail}, reviewed_at) as last
    from reviews
    group by all
)
"""

_BY_THE_CLOCK = re.compile(r"[\d,]+ days overdue")
"""Of a finding the part that is another every day, though nothing is found but that a day went by."""


def record_reviews(
    candidate: duckdb.DuckDBPyConnection,
    ledger: Ledger,
    outcomes: Iterable[Outcome],
    is_published: bool,
) -> None:
    """
    Note in the ledger how each clause ended for the last complete period of its metric, where that is new: it
    ended otherwise, in another slice, or with another finding. Then write `marts.reviews`. What is not published
    was shown to nobody, and is no review.
    """
    periods = {
        (metric, version): facts
        for metric, version, *facts in candidate.execute(_PERIODS).fetchall()
    }
    known = {
        (metric, version, period_start, clause, *_finding(*found))
        for metric, version, period_start, clause, *found in ledger.connection.execute(
            _LAST
        ).fetchall()
    }
    now = datetime.now(UTC)
    rows: dict[tuple[object, ...], tuple[object, ...] | None] = {}
    for each in outcomes:
        if is_published and (facts := periods.get((each.metric, each.version))):
            cadence, period_start, status, value, coverage = facts
            key = (each.metric, each.version, period_start, each.clause)
            row = (
                each.metric, each.version, cadence, period_start, each.clause, state(each),
                each.measured, each.limit, each.detail, status, value, coverage, now, each.slice,
            )  # fmt: skip
            # of a clause that fails in several slices the worst comes first
            is_news = (*key, *_finding(state(each), each.slice, each.detail)) not in known
            rows.setdefault(key, row if is_news else None)
    append(ledger.connection, "reviews", [row for row in rows.values() if row])
    meanings = dict(zip(_COLUMNS, MEANINGS.values(), strict=True))
    kept = ledger.connection.execute("from reviews order by reviewed_at, metric, clause").fetchall()
    grain = "Grain: metric × version × period × clause × review."
    renew(candidate, TABLE, grain, meanings, kept)


def _finding(state: str, slice_: str | None, detail: str | None) -> tuple[str | None, ...]:
    """What a review says, whatever was measured and however many days have gone by."""
    return state, slice_, _BY_THE_CLOCK.sub("overdue", detail or "")

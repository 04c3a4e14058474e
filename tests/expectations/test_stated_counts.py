"""Stated counts: what of a listing is missing, said in a sentence; what nobody states, not measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from expectations.outcome import Outcome
from expectations.runner import judge
from expectations.suites import stated_counts

COLUMNS = (
    "source varchar, table_name varchar, folder varchar, listing varchar, pages bigint,"
    " missing_pages bigint, stated bigint, received bigint, is_ended boolean, received_share double"
)
WHOLE = "('zendesk', 'users', 'api', '/u', 2, 0, 150, 150, true, 1.0)"
CURSOR = "('zendesk', 'groups', 'api', '/g', 2, null, null, 150, true, null)"
SILENT = "('zendesk', 'groups', 'api', '', 1, null, null, 9, null, null)"


@pytest.fixture
def judged(build: Callable[..., Path]) -> Callable[..., Sequence[Outcome]]:
    """The outcomes of the suite for these listings."""

    def outcomes(*listings: str) -> Sequence[Outcome]:
        database = build(
            f"create table marts.stated_counts ({COLUMNS})",
            f"insert into marts.stated_counts values {', '.join(listings)}",
        )
        return judge(database, stated_counts(["zendesk"]))

    return outcomes


def test_listings_received_whole_pass_and_those_that_state_nothing_are_not_counted_in(judged):
    (outcome,) = judged(WHOLE, CURSOR, SILENT)
    assert (outcome.passed, outcome.is_measured) == (True, True)
    assert "not measured: 2" in outcome.detail


def test_more_than_stated_is_none_lost(judged):
    (outcome,) = judged("('zendesk', 'users', 'api', '/u', 2, 0, 150, 151, true, 1.0066)")
    assert outcome.passed


@pytest.mark.parametrize(
    ("listing", "sentence"),
    [
        (
            "('zendesk', 'tickets', 'api', '/t', 10, 0, 1250, 1000, false, 0.8)",
            "zendesk, tickets in api (/t): stated 1,250, received 1,000 in 10 pages.",
        ),
        (
            "('zendesk', 'tickets', 'api', '', 1, 0, 9, 8, true, 0.88)",
            "zendesk, tickets in api: stated 9, received 8 in 1 page.",
        ),
        (
            "('zendesk', 'tickets', 'api', '', 3, 1, 9, 8, true, 0.88)",
            "received 8 in 3 pages; of those between, 1 missing.",
        ),
        # incremental pages state themselves, so all that is stated may have come and more follow
        (
            "('zendesk', 'tickets', 'api', '/i', 3, null, 30, 30, false, 1.0)",
            "stated 30, received 30 in 3 pages; the last of them says that more follows.",
        ),
        (
            "('zendesk', 'tickets', 'api', '/c', 3, null, null, 30, false, null)",
            "received 30 in 3 pages; the last of them says that more follows.",
        ),
        (
            "('zendesk', 'tickets', 'api', '', 3, 2, null, 30, true, null)",
            "received 30 in 3 pages; of those between, 2 missing.",
        ),
    ],
)
def test_a_listing_that_lacks_records_is_a_breach_told_once(judged, listing, sentence):
    (outcome,) = judged(WHOLE, listing)
    assert outcome.passed is False
    assert sentence in outcome.detail
    assert outcome.slice == "records=tickets"
    assert not outcome.blocks


def test_listings_of_which_none_states_anything_are_not_measured(judged):
    (outcome,) = judged(CURSOR, SILENT)
    assert (outcome.passed, outcome.is_measured) == (None, False)
    assert "it is not measured whether all came" in outcome.detail

"""Metrics recounted from the exports themselves, in plain Python and by another way than the marts take."""

from __future__ import annotations

import itertools
import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from running import Built

OPEN = ("new", "open", "pending", "hold")


@dataclass(frozen=True)
class Desk:
    """The exports of a Zendesk account: the last version of each ticket in scope, and what happened to it."""

    tickets: Mapping[str, Mapping[str, Any]]
    changes: Mapping[str, list[tuple[datetime, int, str, str | None]]]
    staff: frozenset[int]
    ratings: Mapping[str, Mapping[str, Any]]

    def replies(self, ticket: Mapping[str, Any]) -> list[datetime]:
        """When people at work wrote what the customer could read, after it was opened."""
        return sorted(
            moment(comment["created_at"])
            for comment in ticket["comments"]
            if comment["public"]
            and comment["author_id"] in self.staff
            and comment["created_at"] > ticket["created_at"]
        )


@pytest.fixture(scope="module")
def desk(built: Built) -> Desk:
    in_scope = {
        found
        for (found,) in built.rows(
            "select conversation_id from marts.fct_conversations where is_in_scope"
        )
    }
    tickets: dict[str, Mapping[str, Any]] = {}
    users = [*records(built, "users", "user")]
    bots = {user["id"] for user in users if user["name"] == "Answer Bot"}
    staff = {user["id"] for user in users if user["role"] in ("agent", "admin")}
    for ticket in records(built, "tickets", "ticket"):
        # who has left is a customer to the export of today, and was assigned tickets then
        staff |= {ticket["assignee_id"]} - {None}
        known = tickets.get(name(ticket["id"]))
        if name(ticket["id"]) in in_scope and (
            known is None or known["updated_at"] <= ticket["updated_at"]
        ):
            tickets[name(ticket["id"])] = ticket
    changes = defaultdict(list)
    for audit in {one["id"]: one for one in records(built, "ticket_audits", "audit")}.values():
        for event in audit["events"]:
            if event.get("field_name") == "status" and name(audit["ticket_id"]) in tickets:
                changes[name(audit["ticket_id"])].append(
                    (
                        moment(audit["created_at"]),
                        audit["id"],
                        event["value"],
                        event.get("previous_value"),
                    )
                )
    ratings: dict[str, Mapping[str, Any]] = {}
    for rating in records(built, "satisfaction_ratings", "satisfaction_rating"):
        known = ratings.get(name(rating["ticket_id"]))
        if rating["score"] in ("good", "bad") and (
            known is None or known["updated_at"] <= rating["updated_at"]
        ):
            ratings[name(rating["ticket_id"])] = rating
    return Desk(
        tickets,
        {ticket: sorted(found) for ticket, found in changes.items()},
        frozenset(staff - bots),
        ratings,
    )  # fmt: skip


def records(built: Built, files: str, key: str) -> Iterator[dict[str, Any]]:
    for path in sorted((built.exports / "zendesk").glob(f"{files}-*.ndjson")):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                yield record.get(key, record)


def name(ticket_id: int) -> str:
    return f"zendesk:{ticket_id}"


def moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


def week(of: datetime) -> datetime:
    return datetime.combine(of.date() - timedelta(days=of.weekday()), time())


def quantile(values: list[float], share: float) -> float:
    """Between two neighbours as far as the share lies between them."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def published(built: Built, metric: str, columns: str) -> dict[datetime, Any]:
    """What readers see of a metric by period, of those in which it counted anything."""
    return {
        period: told
        for period, *told in built.rows(
            f"select period_start, {columns} from counted.metric_counts"
            f" where metric = '{metric}' and dimension = 'all' and conversations > 0"
        )
    }


@pytest.mark.parametrize(("metric", "share"), [("median", 0.5), ("p90", 0.9)])
def test_reply_times_are_those_between_a_ticket_and_the_first_comment_of_its_staff(
    built, desk, metric, share
):
    """
    Every week's median and 90th percentile, from the comments of the exports: a bot's are no reply.
    """
    waits: dict[datetime, list[float]] = defaultdict(list)
    for ticket in desk.tickets.values():
        opened = moment(ticket["created_at"])
        if replies := desk.replies(ticket):
            waits[week(opened)].append((replies[0] - opened).total_seconds() / 60)
    counted = published(built, f"first_reply_minutes_{metric}", "value, conversations")
    assert counted.keys() == waits.keys()
    for period, (value, conversations) in counted.items():
        assert conversations == len(waits[period])
        assert value == pytest.approx(quantile(waits[period], share), abs=1e-9)


def test_the_backlog_of_a_day_is_what_the_audits_say_was_open_at_its_end(built, desk):
    """
    Asked of every ticket and day: which status did the last change before midnight give it?
    """
    first = min(found[0][0] for found in desk.changes.values()).date()
    last = max(moment(ticket["updated_at"]) for ticket in desk.tickets.values()).date()
    midnights = [
        datetime.combine(first + timedelta(days=day + 1), time(), UTC)
        for day in range((last - first).days)
    ]
    open_at: set[tuple[str, date]] = set()
    for ticket, changes in desk.changes.items():
        times = [when for when, *_ in changes]
        for midnight in midnights:
            before = bisect_right(times, midnight - timedelta(microseconds=1))
            if before and changes[before - 1][2] in OPEN:
                open_at.add((ticket, (midnight - timedelta(days=1)).date()))
    counted = built.rows(
        "select conversation_id, split_part(unit_id, '@', 2)::date from metrics.backlog_at_day_end"
    )
    assert len(counted) == len({*counted})
    assert {*counted} == open_at


def test_a_first_contact_is_solved_by_one_comment_and_brings_nobody_back(built, desk):
    """
    Recounted ticket against ticket: one reply, no step from solved back to work, no later ticket of the requester
    with the same primary canonical tag up to seven days after it was solved.
    """
    tags = dict(
        built.rows(
            "select conversation_id, primary_canonical_tag from marts.fct_conversations where is_in_scope"
        )
    )
    of_customer: dict[tuple[int, str], list[datetime]] = defaultdict(list)
    for found, ticket in desk.tickets.items():
        of_customer[ticket["requester_id"], tags[found]].append(moment(ticket["created_at"]))
    loaded_until = max(moment(ticket["updated_at"]) for ticket in desk.tickets.values())
    days = timedelta(days=7)
    counted: dict[datetime, list[int]] = defaultdict(lambda: [0, 0])
    for found, ticket in desk.tickets.items():
        changes = desk.changes.get(found, [])
        solves = [when for when, _, status, _ in changes if status == "solved"]
        if ticket["status"] not in ("solved", "closed") or not solves or tags[found] == "none":
            continue
        if solves[-1] + days > loaded_until:
            continue
        opened = moment(ticket["created_at"])
        returns = [
            when for when in of_customer[ticket["requester_id"], tags[found]]
            if opened < when <= solves[-1] + days
        ]  # fmt: skip
        reopened = any(was == "solved" and status in OPEN for _, _, status, was in changes)
        cell = counted[week(solves[-1])]
        cell[0] += len(desk.replies(ticket)) == 1 and not reopened and not returns
        cell[1] += 1
    assert published(built, "first_contact_resolution_rate", "numerator, denominator") == counted


def test_a_rating_is_the_latest_one_in_the_week_it_was_given(built, desk):
    """
    Of each ticket the rating last given; offers are none.
    """
    counted: dict[datetime, list[int]] = defaultdict(lambda: [0, 0])
    for ticket, rating in desk.ratings.items():
        if ticket in desk.tickets:
            cell = counted[week(moment(rating["updated_at"]))]
            cell[0] += rating["score"] == "good"
            cell[1] += 1
    assert published(built, "csat_good_share", "numerator, denominator") == counted


@pytest.mark.parametrize("metric", ["csat_response_rate", "reopen_rate"])
def test_a_week_is_complete_once_nearly_all_that_raises_it_has_come(built, desk, metric):
    """
    Of the answers to a week's surveys, and the reopenings of what a week solved, one in fifty may come later.
    """
    grace = built.value(
        "select (contract->>'$.data.grace_hours')::integer from marts.metric_contracts"
        f" where metric = '{metric}'"
    )
    if metric == "csat_response_rate":
        pairs = [
            (moment(desk.tickets[ticket]["created_at"]), moment(rating["updated_at"]))
            for ticket, rating in desk.ratings.items()
            if ticket in desk.tickets
        ]
    else:
        pairs = [
            (solved[0], after[0])
            for changes in desk.changes.values()
            for solved, after in itertools.pairwise(changes)
            if solved[2] == "solved" and after[2] in OPEN
        ]
    late = [
        came > week(began).replace(tzinfo=UTC) + timedelta(days=7, hours=grace)
        for began, came in pairs
    ]
    assert len(late) > 100
    assert sum(late) / len(late) < 0.02

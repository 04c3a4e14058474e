"""The tables whose fields are edited: their files as a world has them, and what a contract may lock of them."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from contracts.contract import Contract

Record = dict[str, Any]

FILES = {
    "zendesk.tickets": "zendesk/tickets-0001.ndjson",
    "zendesk.audits": "zendesk/ticket_audits-0001.ndjson",
    "zendesk.comments": "zendesk/comments-0001.ndjson",
    "zendesk.metric_events": "zendesk/metric_events-0001.ndjson",
    "zendesk.satisfaction_ratings": "zendesk/satisfaction_ratings-0001.ndjson",
    "zendesk.users": "zendesk/users-0001.ndjson",
    "intercom.conversations": "intercom/conversations-0001.json",
    "billing.accounts": "billing/accounts.csv",
    "billing.invoices": "billing/invoices.csv",
}
"""A file of each table, without which nothing can be edited."""

WRAPPED = {
    "zendesk.tickets": "ticket",
    "zendesk.audits": "audit",
    "zendesk.comments": "comment",
    "zendesk.metric_events": "metric_event",
    "zendesk.satisfaction_ratings": "satisfaction_rating",
    "zendesk.users": "user",
}
"""The key under which a line holds its record."""

LISTED = {"intercom.conversations": "conversations"}
"""The key under which a page lists its records: a record alone is not known for what it is without its id."""

LOCKED_BESIDES = {
    "zendesk.tickets": {"generated_timestamp": "bigint"},
    "zendesk.comments": {
        "id": "varchar", "ticket_id": "bigint", "author_id": "bigint", "public": "boolean",
        "created_at": "timestamptz",
    },
    "intercom.conversations": {
        "id": "varchar", "created_at": "bigint", "updated_at": "bigint", "state": "varchar",
        "open": "boolean", "title": "varchar",
    },
    "billing.invoices": {"amount": "double"},
}  # fmt: skip
"""What no shipped contract locks and another may: of another help desk, of comments apart, money, and times."""


def besides(contract: Contract) -> Contract:
    """A contract like this one, which locks that."""
    data = contract.data.model_copy(update={"locked_fields": LOCKED_BESIDES})
    return contract.model_copy(update={"metric": "what_is_locked_besides", "data": data})


def read(world: Path, table: str) -> list[Record]:
    """All records of a table's file."""
    text = (world / FILES[table]).read_text(encoding="utf-8")
    if FILES[table].endswith(".csv"):
        return list(csv.DictReader(io.StringIO(text)))
    if table in LISTED:
        return json.loads(text)[LISTED[table]]
    return [json.loads(line)[WRAPPED[table]] for line in text.splitlines()]


def write(table: str, records: list[Record]) -> str:
    """The records as their file holds them."""
    if FILES[table].endswith(".csv"):
        page = io.StringIO()
        writer = csv.DictWriter(page, list(records[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)
        return page.getvalue()
    if table in LISTED:
        return json.dumps({LISTED[table]: records})
    return "".join(f"{json.dumps({WRAPPED[table]: record})}\n" for record in records)


def add(world: Path) -> None:
    """The tables that `assay generate` does not write, told from its tickets."""
    tickets = read(world, "zendesk.tickets")
    made = {
        "zendesk.comments": [one for ticket in tickets for one in _comments(ticket)],
        "zendesk.metric_events": [one for ticket in tickets for one in _events(ticket)],
        "intercom.conversations": [_conversation(ticket) for ticket in tickets],
    }
    for table, records in made.items():
        path = world / FILES[table]
        path.parent.mkdir(exist_ok=True)
        path.write_text(write(table, records), encoding="utf-8")


def _comments(ticket: Record) -> list[Record]:
    names = ("id", "author_id", "public", "body", "created_at", "via")
    return [
        {**{name: one[name] for name in names}, "ticket_id": ticket["id"]}
        for one in ticket["comments"]
    ]


def _events(ticket: Record) -> list[Record]:
    """A target is applied when the ticket comes, and the clock is stopped when it was last touched."""
    return [
        {
            "id": 10 * ticket["id"] + place,
            "ticket_id": ticket["id"],
            "metric": metric,
            "instance_id": 1,
            "type": kind,
            "time": ticket[moment],
            "deleted": False,
        }
        for place, (metric, kind, moment) in enumerate(
            [
                ("reply_time", "activate", "created_at"),
                ("reply_time", "apply_sla", "created_at"),
                ("agent_work_time", "fulfill", "updated_at"),
            ]
        )
    ]


def _conversation(ticket: Record) -> Record:
    is_open = ticket["status"] not in ("solved", "closed")
    author = {"type": "user", "id": str(ticket["requester_id"])}
    return {
        "id": str(ticket["id"]),
        "title": ticket["subject"],
        "created_at": _seconds(ticket["created_at"]),
        "updated_at": _seconds(ticket["updated_at"]),
        # a third of all, so that each state stands in many records
        "state": ("open", "closed", "snoozed")[ticket["id"] % 3],
        "open": is_open,
        "source": {"type": "conversation", "body": ticket["description"], "author": author},
        "tags": {"tags": [{"name": tag} for tag in ticket["tags"]]},
        "statistics": {"count_reopens": 0},
        "conversation_parts": {"conversation_parts": []},
    }


def _seconds(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp())

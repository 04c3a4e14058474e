"""What may come after a conversation was built: one case per rule by which a later export touches it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Record = dict[str, Any]
Records = dict[str, list[Record]]
"""File name without ending -> the records it lists; a name that ends in .csv is written as CSV."""


@dataclass(frozen=True)
class Case:
    """
    A conversation, what is received of it first and what later, and what readers see after each.

    `asked` is an expression over the conversation's row of fct_conversations. A case that is
    `built_again` must be among what the second run builds, any other must not.
    """

    name: str
    conversation: str
    asked: str
    seen_first: object
    seen_later: object
    before: Records = field(default_factory=dict)
    after: Records = field(default_factory=dict)
    built_again: bool = True


def roles_and_texts(shown: str) -> str:
    """The messages of a conversation in order, shown as one text."""
    return (
        f"(select string_agg({shown}, '|' order by message_no) from marts.fct_messages as m"
        " where m.conversation_id = c.conversation_id)"
    )


ROLES = roles_and_texts("author_role")
TEXTS = roles_and_texts("body")


def ticket(number: int, **changed: Any) -> Record:
    """A ticket of its own requester, queue and organization, whose ids begin with its number."""
    return {
        "id": number,
        "url": f"https://assay.zendesk.com/api/v2/tickets/{number}.json",
        "created_at": "2026-03-02T10:00:00Z",
        "updated_at": "2026-03-02T12:00:00Z",
        "generated_timestamp": 1772452800,
        "subject": f"about {number}",
        "description": "words",
        "status": "open",
        "via": {"channel": "web"},
        "requester_id": number * 10 + 1,
        "submitter_id": number * 10 + 1,
        "assignee_id": None,
        "organization_id": number * 10 + 2,
        "group_id": number * 10 + 3,
        "tags": ["invoice"],
        "comments": [comment(number, 1)],
    } | changed


def later(number: int, **changed: Any) -> Record:
    """The next version of a ticket."""
    moved = {"updated_at": "2026-03-04T12:00:00Z", "generated_timestamp": 1772625600}
    return ticket(number, **moved | changed)


def comment(number: int, place: int, **changed: Any) -> Record:
    """A public comment of a ticket by its requester."""
    return {
        "id": number * 100 + place,
        "author_id": number * 10 + 1,
        "public": True,
        "body": f"text {place}",
        "created_at": f"2026-03-02T10:0{place}:00Z",
        "via": {"channel": "web"},
    } | changed


def apart(number: int, place: int, **changed: Any) -> Record:
    """A comment received apart from its ticket."""
    return comment(number, place, ticket_id=number, **changed)


def user(number: int, day: int = 1, **changed: Any) -> Record:
    """A user's record on a day of March."""
    return {
        "id": number,
        "name": "Robin Doe",
        "role": "end-user",
        "locale": "en-US",
        "suspended": False,
        "updated_at": f"2026-03-0{day}T00:00:00Z",
    } | changed


def audit(number: int, place: int, *events: Record) -> Record:
    return {
        "id": number * 100 + place,
        "ticket_id": number,
        "author_id": 1,
        "created_at": "2026-03-02T11:00:00Z",
        "events": list(events),
    }


def handed(to: int) -> Record:
    return {"type": "Change", "field_name": "assignee_id", "previous_value": "5", "value": str(to)}


def intercom(number: str, **changed: Any) -> Record:
    return {
        "id": number,
        "created_at": 1772445600,
        "updated_at": 1772445600,
        "state": "open",
        "title": "first title",
        "source": {
            "type": "conversation",
            "body": "<p>hi</p>",
            "author": {"type": "user", "id": "u"},
        },
        "tags": {"tags": []},
        "conversation_parts": {"conversation_parts": []},
    } | changed


def csv_row(number: int, **changed: str) -> Record:
    return {
        "Id": str(number),
        "Created at": "2026-03-02 10:00:00",
        "Updated at": "2026-03-02 12:00:00",
        "Subject": f"about {number}",
        "Tags": "invoice",
        "Via": "Web form",
        "Status": "Open",
        "Group": "Desk",
    } | changed


def write(folder: Path, batches: Iterable[Records], name: str) -> None:
    """The records of several cases as one export per kind, called `name`."""
    listed: Records = {}
    for batch in batches:
        for path, records in batch.items():
            listed.setdefault(path, []).extend(records)
    for path, records in listed.items():
        kind, _, ending = Path(path).name.partition(".")
        # a folder that sorts behind every other, so that a rebuild receives it last as well
        file = folder / Path(path).parent / name / f"{kind}.{ending or 'json'}"
        file.parent.mkdir(parents=True, exist_ok=True)
        if ending == "csv":
            lines = [",".join(records[0]), *(",".join(one.values()) for one in records)]
            file.write_text("\n".join(lines) + "\n")
        else:
            file.write_text(json.dumps({kind: records}))

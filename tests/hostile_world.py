"""Small exports of every source whose every field holds what must not be published as it is."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

ESCAPE = "\x1b[2J\x1b[31mforged\x00\x07"
SCRIPT = "<script>alert(1)</script>"
PHONE = "+49 1512 3456789"


def secret(place: str) -> str:
    """An address that says where it was put, a phone number, and what a screen or a page obeys."""
    return f"{place} mal\x00lory.{place}@evil.example {PHONE} {SCRIPT} {ESCAPE}"


def hostile_exports(folder: Path) -> Path:
    """Write them below `folder`."""
    for path, content in _files().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, encoding="utf-8")
    return folder


def _files() -> dict[str, str]:
    return {
        "zendesk/groups.json": json.dumps({"groups": [_group()]}),
        "zendesk/tickets-mallory.file@evil.example.ndjson": "".join(map(_line, _tickets())) + _CUT,
        "zendesk/expected.csv": _csv(
            ["day", "slice_kind", "slice", "expected"],
            ["2026-05-04", "", "", "9"],
            # nobody expected, somebody came
            ["2026-05-04", "language", "en", "0"],
            ["2026-05-04", "queue", "gone mallory.slice@evil.example", "9"],
            ["2026-05-04", "channel", f"gone mallory.channel@evil.example {SCRIPT}", "9"],
        ),
        "freshdesk/tickets.csv": _csv(_FRESHDESK, *_freshdesk_rows()),
        # the line of names is missing, so the first record stands where they belong
        "freshdesk/headerless.csv": _csv(*_freshdesk_rows()),
        "intercom/conversations.json": json.dumps({"conversations": [_conversation()]}),
        "intercom/conversations-cut.ndjson": _line(_conversation())[:-40] + "\n",
        "billing/accounts.csv": _csv(
            ["account_id", "organization_id", "name", "started_on", "segment", "arr", "updated_at"],
            ["A1", "77", "x", "2026-01-01", "vip mallory.segment@evil.example", "1", "2026-01-01"],
        ),
    }


def _group() -> dict[str, object]:
    at = "2026-01-01T00:00:00Z"
    named = {"name": secret("queue"), "deleted": False}
    return {"id": 5, **named, "created_at": at, "updated_at": at}


def _tickets() -> list[dict[str, object]]:
    ticket = {
        "id": 4711,
        "url": "https://x.example/api/v2/tickets/4711.json?mail=mallory.url%40evil.example",
        "created_at": "2026-05-04T10:00:00Z",
        "updated_at": "2026-05-04T10:00:00Z",
        "generated_timestamp": 1_777_888_999,
        "status": "open",
        "subject": secret("subject"),
        "description": secret("description"),
        "tags": [secret("tag"), "refund"],
        "via": {"channel": secret("via")},
        "requester_id": 1,
        "organization_id": 77,
        "group_id": 5,
        "comments": [
            {
                "id": 1,
                "author_id": 1,
                "public": True,
                "body": secret("comment"),
                "created_at": "2026-05-04T10:00:00Z",
            }
        ],
    }
    return [
        {"ticket": ticket},
        {"ticket": {**ticket, "id": "x mallory.id@evil.example"}},
        {"ticket": {**ticket, "id": 4712, "created_at": "mallory.time@evil.example"}},
        {"ticket": {**ticket, "id": 4713, "url": "javascript:alert('mallory.js@evil.example')"}},
        {"ticket": {**ticket, "id": 4714, "url": "https://x.example/u/mallory.path@evil.example"}},
        {"ticket": {**ticket, "id": 4715, "url": "https://x.example/agent/tickets/4715?page=2"}},
    ]


_CUT = '{"ticket": {"id": 78, "description": "mail me: mallory.cut@evil.example'

_FRESHDESK = [
    "Ticket ID", "Created time", "Last update time", "Subject", "Description", "Tags", "Source",
    "Group", "Email", "Company Name", "Status",
]  # fmt: skip


def _freshdesk_rows() -> list[list[str]]:
    told = {name: secret(name.split()[0].lower()).replace("\x00", "") for name in _FRESHDESK}
    good = {**told, "Ticket ID": "1", "Created time": "2026-05-04 10:00", "Last update time": ""}
    return [
        list(good.values()),
        [*{**good, "Ticket ID": "2", "Email": "0151-23456789"}.values()],
        [*{**good, "Ticket ID": "3", "Created time": "mallory.csvtime@evil.example"}.values()],
        [*{**good, "Ticket ID": "mallory.csvid@evil.example"}.values()],
        ["4", "mallory.short@evil.example"],
    ]


def _conversation() -> dict[str, object]:
    author = {"type": "user", "id": "mallory.author@evil.example"}
    part = {"id": "p", "part_type": "comment", "body": secret("part"), "author": author}
    return {
        "id": "9",
        "title": secret("title"),
        "created_at": 1_777_888_999,
        "updated_at": 1_777_888_999,
        "state": secret("state"),
        "open": True,
        "priority": "no",
        "admin_assignee_id": None,
        "team_assignee_id": secret("team"),
        "source": {"type": "email", "id": "1", "subject": secret("s"), "body": secret("source"), "author": author},
        "contacts": {"contacts": [{"id": "mallory.contact@evil.example"}]},
        "tags": {"tags": [{"id": "1", "name": secret("name"), "applied_at": 1}]},
        "conversation_rating": {"rating": 1, "remark": secret("remark"), "created_at": 1},
        "statistics": {"last_close_at": None, "count_reopens": 0, "count_assignments": 1},
        "conversation_parts": {"conversation_parts": [{**part, "created_at": 1_777_889_000}]},
    }  # fmt: skip


def _line(record: dict[str, object]) -> str:
    return json.dumps(record) + "\n"


def _csv(*rows: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
